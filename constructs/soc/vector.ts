/**
 * Masks what names a person before an event is written: national ID numbers (10, 13 or 17 digits; NID Wing of the
 * Election Commission), Bangladeshi mobile numbers and e-mail addresses. VRL.
 */
export const MASK_PERSONAL_DATA = String.raw`
. = map_values(., recursive: true) -> |value| {
  if is_string(value) {
    text = string!(value)
    text = replace(text, r'[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+', "<e-mail>")
    text = replace(text, r'(?:\+?88)?01[3-9]\d{8}\b', "<mobile>")
    replace(text, r'\b(?:\d{17}|\d{13}|\d{10})\b', "<nid>")
  } else {
    value
  }
}
`.trim();

/**
 * Vector's configuration of the sink: events in over HTTP, masked, one file a log class and day.
 *
 * @param classes the log classes that exist. A file's name is made of an event's class, so any other is written as
 *   `unclassified`: a sender never chooses a path.
 */
export function sinkPipeline(port: number, classes: readonly string[]): object {
  const known = `if !includes(${JSON.stringify(classes)}, .logs) { .logs = "unclassified" }`;
  return {
    data_dir: "/var/lib/vector",
    sources: {
      events: { type: "http_server", address: `0.0.0.0:${port}`, decoding: { codec: "json" }, path_key: "path" },
    },
    transforms: { masked: { type: "remap", inputs: ["events"], source: `${MASK_PERSONAL_DATA}\n${known}` } },
    sinks: {
      files: {
        type: "file",
        inputs: ["masked"],
        path: "/var/lib/vector/{{ logs }}-%Y-%m-%d.ndjson",
        encoding: { codec: "json" },
        buffer: { type: "disk", max_size: 268_435_488 },
      },
    },
  };
}
