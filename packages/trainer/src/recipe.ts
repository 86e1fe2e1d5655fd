/** Makes the strings that configs describe instead of naming a recording. Free of node. */
import { type Core, generateKarplusStrong, generateStiffString } from "@neural-string/core-wasm";
import { type Recipe, UserError } from "@neural-string/shared";

/** Make a recipe's string. */
export function makeString(core: Core, recipe: Recipe): Float32Array {
  try {
    if (recipe.generate === "ks") return generateKarplusStrong(core, recipe);
    const { t60 } = recipe;
    const table = Array.isArray(t60)
      ? t60
      : Array.from({ length: t60.partials }, (_, i) => t60.first / (1 + t60.falloff * ((i + 1) ** 2 - 1)));
    return generateStiffString(core, { ...recipe, t60: table });
  } catch (error) {
    if (error instanceof RangeError) throw new UserError(`generate ${recipe.generate}: ${error.message}`);
    throw error;
  }
}
