//! An args.nix for several architectures: the value of each, which is what they share with what each has of its own.

use crate::diag::{Diagnostic, Report};
use crate::eval::{Attr, Attrs, Evaluator, Value};
use crate::explain::code;
use crate::recipe::{Place, Placed};

/// The field.
const FIELD: &str = "architectures";
/// Sets whose members are taken from both; of another field, the architecture's own value counts.
const MERGED: [&str; 5] = ["files", "annotations", "env", "labels", "rootfs"];
/// What is said of the whole image.
const SHARED: [&str; 5] = ["name", "tag", "created", "allow", FIELD];

/// The values that an args.nix has for its architectures, each with the name of its architecture; none where it names no
/// architectures, or where they cannot be told apart, which is reported then.
///
/// `nix/lib/parts.nix` does the same.
pub fn architectures(
    ev: &mut Evaluator<'_>,
    value: &Value,
    report: &mut Report,
) -> Option<Vec<(Placed<String>, Value)>> {
    let Ok(Value::Attrs(root)) = ev.force(value) else { return None };
    let field = ev.symbol(FIELD);
    let attr = root.get(field)?.clone();
    let place = Place { spans: ev.binding(attr.place), path: FIELD.to_owned() };
    let members = match ev.force(&attr.value) {
        Ok(Value::Attrs(members)) => members,
        // As with every field, this says nothing.
        Ok(Value::String(text)) if text.as_bytes().is_empty() => return None,
        Ok(other) => {
            let title = format!("`{FIELD}` must be a set, not {}", other.kind());
            let help = "write `{ amd64 = { files = { … }; }; arm64 = { files = { … }; }; }`";
            report.push(place.error(code::RECIPE_TYPE, title).with_help(help));
            return Some(Vec::new());
        }
        Err(error) => {
            report.findings.extend(error.report());
            return Some(Vec::new());
        }
    };
    if members.is_empty() {
        let diagnostic = Diagnostic::error(code::RECIPE_ARCHITECTURES, "no architecture is named");
        let help = "name each architecture, or leave the field out";
        report.push(place.mark_name(diagnostic, "").with_help(help));
    }
    let architecture = ev.symbol("architecture");
    if let Some(own) = root.get(architecture) {
        let place = Place { spans: ev.binding(own.place), path: "architecture".to_owned() };
        let title = "`architecture` stands beside `architectures`";
        let diagnostic = Diagnostic::error(code::RECIPE_ARCHITECTURES, title);
        let help = "leave it out: each architecture is known by its name";
        report.push(place.mark_name(diagnostic, "").with_help(help));
    }
    let shared = root.filtered(|attr| attr.name != field && attr.name != architecture);
    let mut parts = Vec::with_capacity(members.len());
    let members: Vec<Attr> = ev.sorted(&members).into_iter().cloned().collect();
    for member in members {
        let name = ev.name(member.name);
        let place = Place { spans: ev.binding(member.place), path: format!("{FIELD}.{name}") };
        let own = match ev.force(&member.value) {
            Ok(Value::Attrs(own)) => own,
            Ok(other) => {
                let title = format!("`{}` must be a set, not {}", place.path, other.kind());
                let help = "write what the architecture has of its own: `{ files = { … }; }`";
                report.push(place.error(code::RECIPE_TYPE, title).with_help(help));
                continue;
            }
            Err(error) => {
                report.findings.extend(error.report());
                continue;
            }
        };
        refuse_shared(ev, &own, &place, report);
        let whole = merged(ev, &shared, &own);
        let named =
            Attr { name: architecture, place: member.place, value: Value::string(name.as_bytes()) };
        let whole = whole.update(&Attrs::from_unsorted(vec![named]));
        // What is said of an architecture marks its name, and not all that it has.
        let place = Place { spans: place.spans.map(|(name, _)| (name, name)), ..place };
        parts.push((Placed { value: name, place }, Value::Attrs(whole)));
    }
    Some(parts)
}

/// Refuses what an architecture cannot have of its own.
fn refuse_shared(ev: &mut Evaluator<'_>, own: &Attrs, place: &Place, report: &mut Report) {
    for name in SHARED.into_iter().chain(["architecture"]) {
        let symbol = ev.symbol(name);
        let Some(attr) = own.get(symbol) else { continue };
        let path = format!("{}.{name}", place.path);
        let inner = Place { spans: ev.binding(attr.place), path };
        let title = format!("`{name}` cannot differ from architecture to architecture");
        let diagnostic = inner.mark_name(Diagnostic::error(code::RECIPE_ARCHITECTURES, title), "");
        report.push(match name {
            "architecture" => diagnostic.with_help("leave it out: the name of the set says it"),
            FIELD => diagnostic.with_help("name each architecture once"),
            _ => diagnostic.with_help(format!("write it outside of `{FIELD}`")),
        });
    }
}

/// What is shared, with an architecture's own fields.
fn merged(ev: &mut Evaluator<'_>, shared: &Attrs, own: &Attrs) -> Attrs {
    let kept: Vec<_> = SHARED.into_iter().map(|name| ev.symbol(name)).collect();
    let own = own.filtered(|attr| !kept.contains(&attr.name));
    let mut whole = shared.update(&own);
    for name in MERGED {
        let symbol = ev.symbol(name);
        let (Some(under), Some(over)) = (shared.get(symbol), own.get(symbol)) else { continue };
        let (place, under, over) = (over.place, under.value.clone(), over.value.clone());
        // What cannot be evaluated is reported where the field is read.
        if let (Ok(Value::Attrs(under)), Ok(Value::Attrs(over))) =
            (ev.force(&under), ev.force(&over))
        {
            let value = Value::Attrs(under.update(&over));
            let attr = Attr { name: symbol, place, value };
            whole = whole.update(&Attrs::from_unsorted(vec![attr]));
        }
    }
    whole
}
