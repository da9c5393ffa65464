// Decodes records with the protobuf types of OpenTelemetry's own JavaScript exporter: of a version that knows Metric.metadata, and of an older
// one, which must read everything else alike.
//
// Usage: node decode.js MODULES_FOLDER FORM INPUT OUTPUT
// FORM: metrics_data, resource_metrics or json. INPUT: records, each behind its length as 4 bytes, big-endian.
// OUTPUT: one line per record, the message as protobufjs has it in JSON, or {"error": ...}.
'use strict';
const fs = require('fs');
const path = require('path');

const [folder, form, input, output] = process.argv.slice(2);
const modules = path.join(folder, 'node_modules');

function typesOf(name) {
  // Generated types find each other by this registry, which knows one version at a time.
  delete require(path.join(modules, 'protobufjs/minimal')).roots.default;
  const { proto } = require(path.join(modules, name, 'build/src/generated/root.js')).opentelemetry;
  return { ...proto.metrics.v1, Request: proto.collector.metrics.v1.ExportMetricsServiceRequest };
}

const now = typesOf('@opentelemetry/otlp-transformer');
const before = typesOf('otlp-transformer-before-metadata');
const read = (type, bytes) => type.toObject(type.decode(bytes), { longs: String, enums: Number, arrays: true });
// The newer types have lists that the older ones have not: metadata, and others that stay empty.
const common = message => JSON.stringify(message, (key, value) => (key === 'metadata' || (Array.isArray(value) && value.length === 0) ? undefined : value));

function same(one, other, what) {
  const [left, right] = [common(one), common(other)];
  if (left === right) return;
  const at = [...left].findIndex((letter, i) => letter !== right[i]);
  throw new Error(`${what} differ: ...${left.substring(at - 40, at + 80)} and ...${right.substring(at - 40, at + 80)}`);
}

function decode(bytes) {
  if (form === 'json') {
    // Only what the types know survives; whatever is spelled otherwise is missed by the comparison.
    const text = JSON.parse(bytes.toString('utf8'));
    return read(now.Request, now.Request.encode(now.Request.fromObject(text)).finish());
  }

  if (form === 'resource_metrics') {
    const bare = read(now.ResourceMetrics, bytes);
    same(bare, read(before.ResourceMetrics, bytes), 'versions');
    return { resourceMetrics: [bare] };
  }

  const data = read(now.MetricsData, bytes);
  same(data, read(before.MetricsData, bytes), 'versions');
  same(data, read(now.Request, bytes), 'MetricsData and ExportMetricsServiceRequest');
  return data;
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
