/** The instrument's page: finds its place and fills it. */
const place = document.querySelector("#instrument");
if (place) place.textContent = "";
