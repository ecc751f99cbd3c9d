//! Findings as a SARIF 2.1.0 log, the form that code-scanning services take.

use crate::diag::{Colours, Diagnostic, Label, Report, Severity, SourceMap, message};
use crate::driver::releases;
use crate::explain::{self, Code};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

/// The log of a run on `file`, which is where findings without a marked text are put.
pub(super) fn log(report: &Report, sources: &SourceMap, file: &Path) -> Json {
    let codes: BTreeSet<Code> = report.findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<Json> = codes.iter().map(|code| rule(*code)).collect();
    let file = file.to_string_lossy();
    let results: Vec<Json> = report
        .findings
        .iter()
        .map(|finding| {
            let index = codes.iter().position(|code| *code == finding.code);
            result(finding, index.unwrap_or(0), sources, &file)
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "bimanix",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Json {
    match explain::find(code.as_str()) {
        Some(known) => json!({
            "id": code.as_str(),
            "shortDescription": { "text": known.rule },
            "fullDescription": { "text": known.reason },
            "help": { "text": known.render(releases(code)) },
        }),
        None => json!({ "id": code.as_str() }),
    }
}

fn result(finding: &Diagnostic, index: usize, sources: &SourceMap, file: &str) -> Json {
    let mut text = finding.title.clone();
    for more in [&finding.subject, &finding.why, &finding.help].into_iter().flatten() {
        text.push('\n');
        text.push_str(more);
    }
    let text = message(&text, Colours::Dropped);
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut labels = finding.labels.iter();
    let place = labels.next().and_then(|label| location(label, sources));
    let nowhere = || json!({ "physicalLocation": { "artifactLocation": { "uri": uri(file) } } });
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": index,
        "level": level,
        "message": { "text": text },
        "locations": [place.unwrap_or_else(nowhere)],
    });
    let related: Vec<Json> = labels.filter_map(|label| location(label, sources)).collect();
    if let (Json::Object(members), false) = (&mut result, related.is_empty()) {
        members.insert("relatedLocations".into(), Json::Array(related));
    }
    let mut properties = Map::new();
    if !finding.eras.is_empty() {
        properties.insert("eras".into(), json!(finding.eras));
    }
    if let Some(engine) = finding.engine {
        properties.insert("engine".into(), json!(engine));
    }
    if let (Json::Object(members), false) = (&mut result, properties.is_empty()) {
        members.insert("properties".into(), Json::Object(properties));
    }
    result
}

fn location(label: &Label, sources: &SourceMap) -> Option<Json> {
    let source = sources.get(label.span.file)?;
    let (start, end) = (source.position(label.span.start), source.position(label.span.end));
    let mut location = Map::new();
    location.insert(
        "physicalLocation".into(),
        json!({
            "artifactLocation": { "uri": uri(&source.name) },
            "region": {
                "startLine": start.line,
                "startColumn": start.column,
                "endLine": end.line,
                "endColumn": end.column,
            },
        }),
    );
    if !label.text.is_empty() {
        location.insert("message".into(), json!({ "text": label.text }));
    }
    Some(Json::Object(location))
}

/// A path as a URI reference: what is not plain is written as `%XX`.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            write!(uri, "%{byte:02X}").unwrap_or_default();
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("a/args.nix"), "a/args.nix");
        assert_eq!(uri("/a b/ü"), "file:///a%20b/%C3%BC");
    }
}
