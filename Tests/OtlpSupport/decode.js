// Decodes records with the protobuf types of OpenTelemetry's own JavaScript exporter.
//
// Usage: node decode.js MODULES_FOLDER FORM INPUT OUTPUT
// FORM: metrics_data, resource_metrics or json. INPUT: records, each behind its length as 4 bytes, big-endian.
// OUTPUT: one line per record, the resources in protobufjs' JSON, or {"error": ...}.
'use strict';
const fs = require('fs');
const { createRequire } = require('module');

const [modules, form, input, output] = process.argv.slice(2);
const load = createRequire(modules + '/');
const { opentelemetry } = load('@opentelemetry/otlp-transformer/build/src/generated/root.js');
const metrics = opentelemetry.proto.metrics.v1;
const request = opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
const asText = { longs: String, enums: Number, arrays: true };

// The exporter's types are older than Metric.metadata; protobufjs reads it by this description.
const described = load('protobufjs').parse(`syntax = "proto3";
  message Data { repeated Resource resources = 1; }
  message Resource { repeated Scope scopes = 2; }
  message Scope { repeated Metric metrics = 2; }
  message Metric { string name = 1; repeated Pair metadata = 12; }
  message Pair { string key = 1; Value value = 2; }
  message Value { oneof value { string string_value = 1; int64 int_value = 3; } }`).root;

function metadataOf(bytes, bare) {
  const type = described.lookupType(bare ? 'Resource' : 'Data');
  const decoded = type.toObject(type.decode(bytes), { longs: String, arrays: true });
  const found = {};
  for (const resource of bare ? [decoded] : decoded.resources)
    for (const scope of resource.scopes)
      for (const metric of scope.metrics)
        for (const pair of metric.metadata) (found[metric.name] ??= {})[pair.key] = pair.value.intValue ?? pair.value.stringValue;
  return found;
}

function decode(bytes) {
  if (form === 'resource_metrics')
    return { resourceMetrics: [metrics.ResourceMetrics.toObject(metrics.ResourceMetrics.decode(bytes), asText)], metadata: metadataOf(bytes, true) };
  if (form === 'json') {
    const text = JSON.parse(bytes.toString('utf8'));
    // Only what the types know survives; whatever is spelled otherwise is missed by the comparison.
    const read = request.decode(request.encode(request.fromObject(text)).finish());
    const found = {};
    for (const resource of text.resourceMetrics)
      for (const scope of resource.scopeMetrics)
        for (const metric of scope.metrics)
          for (const pair of metric.metadata ?? []) (found[metric.name] ??= {})[pair.key] = pair.value.intValue;
    return { ...request.toObject(read, asText), metadata: found };
  }

  const data = metrics.MetricsData.toObject(metrics.MetricsData.decode(bytes), asText);
  const exported = request.toObject(request.decode(bytes), asText);
  if (JSON.stringify(data) !== JSON.stringify(exported)) throw new Error('MetricsData and ExportMetricsServiceRequest read the bytes differently');
  return { ...data, metadata: metadataOf(bytes, false) };
}

const all = fs.readFileSync(input);
const lines = [];
for (let at = 0; at < all.length;) {
  const end = at + 4 + all.readUInt32BE(at);
  try {
    lines.push(JSON.stringify(decode(all.subarray(at + 4, end))));
  } catch (e) {
    lines.push(JSON.stringify({ error: String(e) }));
  }
  at = end;
}
fs.writeFileSync(output, lines.join('\n') + '\n');
