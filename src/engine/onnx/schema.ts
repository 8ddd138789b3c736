/**
 * The ONNX protobuf schema (onnx/onnx.proto) as a table, and the codec made from it.
 *
 * What is not in the table (newer IR versions, multi-device annotations) is kept as unknown fields
 * and written back byte for byte.
 */
import protobuf from 'protobufjs';
import type { ModelProto } from './proto.ts';

/** One line a message: `name=number:type`, `[]` = repeated, `*` = repeated and packed. */
const MESSAGES: Record<string, string> = {
  StringStringEntryProto: 'key=1:string value=2:string',
  AttributeProto:
    'name=1:string refAttrName=21:string docString=13:string type=20:int32 f=2:float i=3:int64 ' +
    's=4:bytes t=5:TensorProto g=6:GraphProto sparseTensor=22:SparseTensorProto tp=14:TypeProto ' +
    'floats=7:float[] ints=8:int64[] strings=9:bytes[] tensors=10:TensorProto[] ' +
    'graphs=11:GraphProto[] sparseTensors=23:SparseTensorProto[] typeProtos=15:TypeProto[]',
  ValueInfoProto:
    'name=1:string type=2:TypeProto docString=3:string metadataProps=4:StringStringEntryProto[]',
  NodeProto:
    'input=1:string[] output=2:string[] name=3:string opType=4:string domain=7:string ' +
    'overload=8:string attribute=5:AttributeProto[] docString=6:string ' +
    'metadataProps=9:StringStringEntryProto[]',
  TrainingInfoProto:
    'initialization=1:GraphProto algorithm=2:GraphProto ' +
    'initializationBinding=3:StringStringEntryProto[] updateBinding=4:StringStringEntryProto[]',
  ModelProto:
    'irVersion=1:int64 opsetImport=8:OperatorSetIdProto[] producerName=2:string ' +
    'producerVersion=3:string domain=4:string modelVersion=5:int64 docString=6:string ' +
    'graph=7:GraphProto metadataProps=14:StringStringEntryProto[] ' +
    'trainingInfo=20:TrainingInfoProto[] functions=25:FunctionProto[]',
  TensorAnnotation: 'tensorName=1:string quantParameterTensorNames=2:StringStringEntryProto[]',
  GraphProto:
    'node=1:NodeProto[] name=2:string initializer=5:TensorProto[] ' +
    'sparseInitializer=15:SparseTensorProto[] docString=10:string input=11:ValueInfoProto[] ' +
    'output=12:ValueInfoProto[] valueInfo=13:ValueInfoProto[] ' +
    'quantizationAnnotation=14:TensorAnnotation[] metadataProps=16:StringStringEntryProto[]',
  SegmentProto: 'begin=1:int64 end=2:int64',
  TensorProto:
    'dims=1:int64[] dataType=2:int32 segment=3:SegmentProto floatData=4:float* ' +
    'int32Data=5:int32* stringData=6:bytes[] int64Data=7:int64* name=8:string ' +
    'docString=12:string rawData=9:bytes externalData=13:StringStringEntryProto[] ' +
    'dataLocation=14:int32 doubleData=10:double* uint64Data=11:uint64* ' +
    'metadataProps=16:StringStringEntryProto[]',
  SparseTensorProto: 'values=1:TensorProto indices=2:TensorProto dims=3:int64[]',
  DimensionProto: 'dimValue=1:int64 dimParam=2:string denotation=3:string',
  TensorShapeProto: 'dim=1:DimensionProto[]',
  TensorTypeProto: 'elemType=1:int32 shape=2:TensorShapeProto',
  SequenceTypeProto: 'elemType=1:TypeProto',
  MapTypeProto: 'keyType=1:int32 valueType=2:TypeProto',
  OptionalTypeProto: 'elemType=1:TypeProto',
  OpaqueTypeProto: 'domain=1:string name=2:string',
  TypeProto:
    'tensorType=1:TensorTypeProto sequenceType=4:SequenceTypeProto mapType=5:MapTypeProto ' +
    'optionalType=9:OptionalTypeProto sparseTensorType=8:TensorTypeProto ' +
    'opaqueType=7:OpaqueTypeProto denotation=6:string',
  OperatorSetIdProto: 'domain=1:string version=2:int64',
  FunctionProto:
    'name=1:string input=4:string[] output=5:string[] attribute=6:string[] ' +
    'attributeProto=11:AttributeProto[] node=7:NodeProto[] docString=8:string ' +
    'opsetImport=9:OperatorSetIdProto[] domain=10:string overload=13:string ' +
    'valueInfo=12:ValueInfoProto[] metadataProps=14:StringStringEntryProto[]',
};

function makeType(name: string, line: string): protobuf.Type {
  const type = new protobuf.Type(name);
  for (const part of line.split(' ')) {
    const match = /^(\w+)=(\d+):(\w+)(\[\]|\*)?$/.exec(part);
    if (!match) throw new Error(`schema of ${name}: cannot read "${part}"`);
    const [, field, id, fieldType, repeat] = match as unknown as [
      string,
      string,
      string,
      string,
      string?,
    ];
    // Without packed=false protobufjs packs by itself, which proto2 readers of ONNX do not expect.
    const options = repeat === undefined ? {} : { packed: repeat === '*' };
    const rule = repeat === undefined ? 'optional' : 'repeated';
    type.add(new protobuf.Field(field, Number(id), fieldType, rule, undefined, options));
  }
  return type;
}

/** Lets absent fields read as undefined: protobufjs would answer 0, '' or null from the prototype. */
function forgetDefaults(type: protobuf.Type): void {
  const prototype = type.ctor.prototype as unknown as Record<string, unknown>;
  for (const field of type.fieldsArray) delete prototype[field.name];
}

function makeRoot(): protobuf.Root {
  const root = new protobuf.Root();
  for (const [name, line] of Object.entries(MESSAGES)) root.add(makeType(name, line));
  root.resolveAll();
  for (const name of Object.keys(MESSAGES)) forgetDefaults(root.lookupType(name));
  return root;
}

const MODEL = makeRoot().lookupType('ModelProto');

/**
 * Decodes a serialised ModelProto. Byte fields are views into `bytes`, not copies.
 * @throws Error where the bytes are no protobuf message.
 */
export function decodeModelProto(bytes: Uint8Array): ModelProto {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const reader = protobuf.Reader.create(buffer);
  reader.discardUnknown = false;
  return MODEL.decode(reader) as unknown as ModelProto;
}

/** Serialises a ModelProto, unknown fields included. */
export function encodeModelProto(proto: ModelProto): Uint8Array {
  return MODEL.encode(proto as protobuf.Message).finish();
}
