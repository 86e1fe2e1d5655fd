/**
 * Writes a classic network as an ONNX model: per layer a Gemm (weights transposed, bias) and a Tanh. Only what such a
 * network needs of the format is described here, by ONNX's own message names and field numbers; the encoding is
 * protobufjs's. Source: ONNX, onnx.proto (IR version 8, operator set 17).
 */
import type { ClassicModel } from "@neural-string/core-wasm";
import { loadPeer } from "../peers.ts";

const SCHEMA = `
syntax = "proto3";
message TensorProto { repeated int64 dims = 1; int32 dataType = 2; string name = 8; bytes rawData = 9; }
message Dimension { int64 dimValue = 1; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorTypeProto { int32 elemType = 1; TensorShapeProto shape = 2; }
message TypeProto { TensorTypeProto tensorType = 1; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message AttributeProto { string name = 1; int64 i = 3; int32 type = 20; }
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  string opType = 4;
  repeated AttributeProto attribute = 5;
}
message GraphProto {
  repeated NodeProto node = 1;
  string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message ModelProto { int64 irVersion = 1; GraphProto graph = 7; repeated OperatorSetIdProto opsetImport = 8; }
`;
const FLOAT = 1;
const INT_ATTRIBUTE = 2;

/** What is used of protobufjs. */
interface Protobuf {
  parse(source: string): {
    root: { lookupType(name: string): { encode(message: object): { finish(): Uint8Array } } };
  };
}

/**
 * Encode a network that maps "x" [rows, taps] to "y" [rows, 1].
 * @throws Absent where protobufjs is not installed
 * @throws RangeError for other activations than tanh and linear
 */
export async function encodeOnnx(model: ClassicModel, rows: number): Promise<Uint8Array> {
  const { parse } = await loadPeer<Protobuf>("protobufjs");
  const initializer: object[] = [];
  const node: object[] = [];
  let from = "x";
  model.layers.forEach(({ inputs, units, activation, weight, bias }, i) => {
    if (activation === "relu") throw new RangeError(`layers.${i}: expected tanh or linear, got relu`);
    initializer.push(tensor(`w${i}`, [units, inputs], weight));
    initializer.push(tensor(`b${i}`, [units], bias ?? new Float32Array(units)));
    const isLast = i === model.layers.length - 1;
    const isTanh = activation === "tanh";
    const sum = isLast && !isTanh ? "y" : `z${i}`;
    const attribute = [{ name: "transB", i: 1, type: INT_ATTRIBUTE }];
    node.push({ input: [from, `w${i}`, `b${i}`], output: [sum], opType: "Gemm", attribute });
    from = isLast ? "y" : isTanh ? `a${i}` : sum;
    if (isTanh) node.push({ input: [sum], output: [from], opType: "Tanh" });
  });
  const graph = {
    ...{ name: "string", node, initializer },
    input: [value("x", [rows, model.delays.length])],
    output: [value("y", [rows, 1])],
  };
  return parse(SCHEMA)
    .root.lookupType("ModelProto")
    .encode({ irVersion: 8, graph, opsetImport: [{ domain: "", version: 17 }] })
    .finish();
}

function tensor(name: string, dims: number[], data: Float32Array): object {
  return {
    name,
    dims,
    dataType: FLOAT,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

function value(name: string, dims: number[]): object {
  const shape = { dim: dims.map((dimValue) => ({ dimValue })) };
  return { name, type: { tensorType: { elemType: FLOAT, shape } } };
}
