/**
 * ONNX Runtime would otherwise keep an id of this machine in the user's cache folder, and make ready to
 * send figures of its use. It reads the process's own environment, which a thread's is only a copy of:
 * this has to be imported on the main thread, before the runtime is loaded anywhere.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
