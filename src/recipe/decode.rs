//! Values to a [`Recipe`]: every field by its type, every mistake reported.

use super::fields::{DESTINATION_FIELDS, FIELDS, RESERVED};
use super::{Contents, Decoded, FileRequest, ImageName, Place, Placed, Recipe, Tag};
use super::{mark_finding, owner};
use crate::diag::{Diagnostic, Report, nearest};
use crate::eval::{Attr, Attrs, Evaluator, Value, as_path};
use crate::explain;
use crate::urunc::{self, Annotations, Field, Key, PREFIX, RUNTIME_ONLY};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The architectures an OCI image may name (`GOARCH`).
const ARCHITECTURES: [&str; 12] = [
    "amd64", "arm64", "386", "arm", "riscv64", "ppc64le", "s390x", "loong64", "mips64le", "mips64",
    "mipsle", "ppc64",
];

/// Decodes the value of an args.nix.
///
/// Every mistake goes to `report`. Nothing comes back when the value is no set at all.
pub fn decode(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Option<Decoded> {
    let root = match ev.force(value) {
        Ok(Value::Attrs(attrs)) => attrs,
        Ok(other) => {
            report.push(
                Diagnostic::error(
                    "recipe/type",
                    format!("args.nix is {}, not a set", other.kind()),
                )
                .with_help("write `{ name = \"…\"; files = { … }; annotations = { … }; }`"),
            );
            return None;
        }
        Err(error) => {
            report.findings.extend(error.report());
            return None;
        }
    };
    Some(Decoder { ev, report }.recipe(&root))
}

struct Decoder<'d, 'w> {
    ev: &'d mut Evaluator<'w>,
    report: &'d mut Report,
}

/// What the annotations decode to.
#[derive(Default)]
struct AllAnnotations {
    urunc: Annotations,
    places: BTreeMap<Field, Place>,
    /// Keys that are there with a value that cannot be used.
    unusable: BTreeSet<Key>,
    oci: BTreeMap<String, String>,
}

impl Decoder<'_, '_> {
    fn recipe(&mut self, root: &Attrs) -> Decoded {
        let errors_before = self.report.findings.len();
        self.refuse_unknown_fields(root);
        let name = self.field(root, "name").and_then(|(value, place)| {
            let text = self.string(&value, &place)?;
            self.reference(ImageName::parse(&text), "recipe/name", "name", &text, &place)
        });
        if name.is_none() && self.field(root, "name").is_none() {
            self.report.push(missing("name", "name = \"hello\";"));
        }
        let tag = match self.field(root, "tag") {
            None => Some(Tag::default()),
            Some((value, place)) => self.string(&value, &place).and_then(|text| {
                if text.is_empty() {
                    return Some(Tag::default());
                }
                self.reference(Tag::parse(&text), "recipe/tag", "tag", &text, &place)
            }),
        };
        self.allow(root);
        let files = self.files(root);
        let annotations = self.annotations(root);
        let cmd = self.field(root, "cmd").and_then(|(value, place)| self.strings(&value, &place));
        let entrypoint =
            self.field(root, "entrypoint").and_then(|(value, place)| self.strings(&value, &place));
        let env = self.env(root);
        let working_dir = self.working_dir(root);
        let user = self.user(root);
        let labels = self.labels(root);
        let architecture = self.architecture(root);
        let created = self.created(root);
        let mut places = annotations.places;
        for (field, name) in [
            (Field::Cmd, "cmd"),
            (Field::Env, "env"),
            (Field::User, "user"),
            (Field::Files, "files"),
        ] {
            places.extend(self.field(root, name).map(|(_, place)| (field, place)));
        }
        let contents = Contents {
            files,
            urunc: annotations.urunc,
            places,
            entrypoint: entrypoint.filter(|entrypoint| !entrypoint.is_empty()),
            cmd: cmd.filter(|cmd| !cmd.is_empty()),
            env,
            user,
            architecture,
        };
        let (Some(name), Some(tag)) = (name, tag) else {
            return Decoded::Broken(Box::new(contents));
        };
        if self.report.findings.iter().skip(errors_before).any(is_error) {
            return Decoded::Broken(Box::new(contents));
        }
        Decoded::Whole(Box::new(Recipe {
            contents,
            name,
            tag,
            annotations: annotations.oci,
            working_dir,
            labels,
            created,
        }))
    }

    fn allow(&mut self, root: &Attrs) {
        let Some((value, place)) = self.field(root, "allow") else { return };
        for code in self.strings(&value, &place).unwrap_or_default() {
            match explain::find(&code) {
                Some(known) if explain::may_be_allowed(known.code) => {
                    self.report.allowed.insert(known.code);
                }
                _ => {
                    let known = explain::all().into_iter().map(|known| known.code);
                    let near = nearest(&code, known.filter(|code| explain::may_be_allowed(code)));
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`bimanix explain` lists the codes".to_owned(),
                    };
                    let title = format!("`{code}` is no code that can be allowed");
                    self.report.push(place.error("recipe/allow", title).with_help(help));
                }
            }
        }
    }

    // Places.

    fn place(&self, attr: &Attr, path: &str) -> Place {
        Place { spans: self.ev.binding(attr.place), path: path.to_owned() }
    }

    fn field(&mut self, set: &Attrs, name: &str) -> Option<(Value, Place)> {
        let symbol = self.ev.symbol(name);
        let attr = set.get(symbol)?;
        let place = self.place(attr, name);
        Some((attr.value.clone(), place))
    }

    fn refuse_unknown_fields(&mut self, root: &Attrs) {
        let attrs: Vec<Attr> = self.ev.sorted(root).into_iter().cloned().collect();
        for attr in attrs {
            let name = self.ev.name(attr.name);
            let place = self.place(&attr, &name);
            if RESERVED.contains(&name.as_str()) {
                let diagnostic = Diagnostic::error(
                    "recipe/reserved-field",
                    format!("`{name}` is reserved and not built yet"),
                );
                self.report.push(place.mark_name(diagnostic, "").with_help("leave it out"));
            } else if FIELDS.iter().all(|field| field.name != name) {
                let known = FIELDS.iter().map(|field| field.name);
                let near = nearest(&name, known.clone());
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if Key::from_short(&name).is_some() => {
                        format!("write it as `annotations.{name}`")
                    }
                    None => {
                        let open = known.filter(|name| !RESERVED.contains(name));
                        format!("the fields are {}", open.collect::<Vec<_>>().join(", "))
                    }
                };
                let diagnostic = Diagnostic::error(
                    "recipe/unknown-field",
                    format!("args.nix has no field `{name}`"),
                );
                self.report.push(place.mark_name(diagnostic, "").with_help(help));
            }
        }
    }

    // Values by type.

    fn force(&mut self, value: &Value) -> Option<Value> {
        match self.ev.force(value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.report.findings.extend(error.report());
                None
            }
        }
    }

    fn type_error(&mut self, place: &Place, expected: &str, found: &Value, help: Option<String>) {
        let title = format!("`{}` must be {expected}, not {}", place.path, found.kind());
        self.report.push(place.error("recipe/type", title).with_help_if(help));
    }

    fn text(&mut self, bytes: &[u8], place: &Place) -> Option<String> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => {
                self.report.push(place.mark(not_utf_8(place), ""));
                None
            }
        }
    }

    fn string(&mut self, value: &Value, place: &Place) -> Option<String> {
        let bytes = self.bytes(value, place)?;
        self.text(&bytes, place)
    }

    fn bytes(&mut self, value: &Value, place: &Place) -> Option<Vec<u8>> {
        match self.force(value)? {
            Value::String(text) => Some(text.as_bytes().to_vec()),
            other => {
                let help = match &other {
                    Value::Int(_) | Value::Float(_) => Some("put the number in quotes".to_owned()),
                    Value::Path(_) => Some("put the path in quotes".to_owned()),
                    _ => None,
                };
                self.type_error(place, "a string", &other, help);
                None
            }
        }
    }

    fn strings(&mut self, value: &Value, place: &Place) -> Option<Vec<String>> {
        let list = match self.force(value)? {
            Value::List(list) => list,
            other => {
                let help = matches!(other, Value::String(_)).then(|| {
                    "write one string for each word, as in `[ \"redis-server\" \"/data/conf\" ]`".into()
                });
                self.type_error(place, "a list of strings", &other, help);
                return None;
            }
        };
        let mut strings = Vec::with_capacity(list.items().len());
        for (index, item) in list.items().iter().enumerate() {
            let place = Place { path: format!("{}[{index}]", place.path), ..place.clone() };
            strings.push(self.string(item, &place)?);
        }
        Some(strings)
    }

    fn set(&mut self, value: &Value, place: &Place, expected: &str) -> Option<Vec<(String, Attr)>> {
        match self.force(value)? {
            Value::Attrs(attrs) => Some(self.members(&attrs, &place.path)),
            other => {
                self.type_error(place, expected, &other, None);
                None
            }
        }
    }

    /// The members whose names are text; the others are reported.
    fn members(&mut self, attrs: &Attrs, path: &str) -> Vec<(String, Attr)> {
        let mut members = Vec::with_capacity(attrs.len());
        for attr in self.ev.sorted(attrs) {
            match std::str::from_utf8(self.ev.name_bytes(attr.name)) {
                Ok(name) => members.push((name.to_owned(), attr.clone())),
                Err(_) => {
                    let name = self.ev.name(attr.name);
                    let place = self.place(attr, &format!("{path}.\"{name}\""));
                    self.report.push(place.mark_name(not_utf_8(&place), ""));
                }
            }
        }
        members
    }

    fn reference<T>(
        &mut self,
        parsed: Result<T, super::reference::ReferenceFault>,
        slug: &'static str,
        field: &str,
        text: &str,
        place: &Place,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                let title = format!("`{text}` is not an image {field}");
                self.report
                    .push(place.error(slug, title).with_why(fault.why).with_help_if(fault.help));
                None
            }
        }
    }

    // Fields.

    fn files(&mut self, root: &Attrs) -> Vec<FileRequest> {
        let Some((value, place)) = self.field(root, "files") else { return Vec::new() };
        let members = match self.force(&value) {
            None => return Vec::new(),
            Some(Value::Attrs(attrs)) => attrs,
            Some(other) => {
                self.type_error(&place, "a set", &other, None);
                return Vec::new();
            }
        };
        let members: Vec<Attr> = self.ev.sorted(&members).into_iter().cloned().collect();
        let mut files = Vec::with_capacity(members.len());
        for attr in members {
            // The names of files are bytes.
            let source = as_path(self.ev.name_bytes(attr.name));
            let place = self.place(&attr, &format!("files.\"{}\"", source.display()));
            let Some(value) = self.force(&attr.value) else { continue };
            match value {
                Value::String(text) => {
                    files.push(request(source, text.as_bytes().to_vec(), place));
                }
                Value::Attrs(attrs) => files.extend(self.file_set(source, &attrs, &place)),
                other => {
                    let help =
                        "write the absolute path in the image, as in `\"/unikernel/kernel\"`";
                    self.type_error(&place, "a string or a set", &other, Some(help.into()));
                }
            }
        }
        files
    }

    fn file_set(&mut self, source: PathBuf, attrs: &Attrs, place: &Place) -> Option<FileRequest> {
        let mut request = request(source, Vec::new(), place.clone());
        let mut whole = true;
        let mut path = None;
        for (name, attr) in self.members(attrs, &place.path) {
            let inner = self.place(&attr, &format!("{}.{name}", place.path));
            let value = attr.value.clone();
            let decoded = match name.as_str() {
                "path" => self.bytes(&value, &inner).map(|bytes| path = Some(bytes)),
                "source" => self.file_source(&value, &inner).map(|path| request.from = Some(path)),
                "mode" => self.mode(&value, &inner).map(|mode| request.mode = Some(mode)),
                "uid" => self.owner(&value, &inner).map(|uid| request.uid = uid),
                "gid" => self.owner(&value, &inner).map(|gid| request.gid = gid),
                other => {
                    let near = nearest(other, DESTINATION_FIELDS);
                    let diagnostic = Diagnostic::error(
                        "recipe/unknown-field",
                        format!("a destination has no field `{other}`"),
                    );
                    let help = match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the fields are {}", DESTINATION_FIELDS.join(", ")),
                    };
                    self.report.push(inner.mark_name(diagnostic, "").with_help(help));
                    None
                }
            };
            whole &= decoded.is_some();
        }
        let symbol = self.ev.symbol("path");
        if attrs.get(symbol).is_none() {
            self.report.push(
                place
                    .error("recipe/missing-path", format!("`{}` has no `path`", place.path))
                    .with_help("add `path = \"/…\";`, where the file goes in the image"),
            );
            return None;
        }
        request.destination = path?;
        whole.then_some(request)
    }

    fn file_source(&mut self, value: &Value, place: &Place) -> Option<PathBuf> {
        match self.force(value)? {
            Value::String(path) | Value::Path(path) => Some(as_path(path.as_bytes())),
            other => {
                self.type_error(place, "a path or a string", &other, None);
                None
            }
        }
    }

    /// A mode is written as a string of octal digits; Nix has no octal integers.
    fn mode(&mut self, value: &Value, place: &Place) -> Option<u32> {
        let value = self.force(value)?;
        if let Value::String(text) = &value {
            let text = text.to_text();
            let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
            if let Ok(mode) = u32::from_str_radix(&text, 8)
                && digits
                && mode <= 0o7777
            {
                return Some(mode);
            }
        }
        let title = format!("`{}` is not a file mode", place.path);
        self.report.push(
            place
                .error("recipe/mode", title)
                .with_why("Nix has no octal integers, so a mode is a string of octal digits")
                .with_help("write `mode = \"0644\";`"),
        );
        None
    }

    fn owner(&mut self, value: &Value, place: &Place) -> Option<u64> {
        match self.force(value)? {
            Value::Int(id) if (0..=owner::MAX_OWNER).contains(&id) => u64::try_from(id).ok(),
            Value::Int(_) => {
                let title = format!("`{}` is not between 0 and {}", place.path, owner::MAX_OWNER);
                self.report.push(place.error("recipe/owner", title));
                None
            }
            other => {
                self.type_error(place, "an integer", &other, None);
                None
            }
        }
    }

    fn annotations(&mut self, root: &Attrs) -> AllAnnotations {
        let mut decoded = AllAnnotations::default();
        let Some((value, place)) = self.field(root, "annotations") else {
            let example = "annotations = { unikernelType = \"…\"; hypervisor = \"…\"; binary = \"…\"; \
                           cmdline = \"…\"; };";
            self.report.push(missing("annotations", example));
            return decoded;
        };
        let Some(members) = self.set(&value, &place, "a set") else { return decoded };
        for (name, attr) in members {
            self.annotation(&name, &attr, &mut decoded);
        }
        for key in Key::REQUIRED {
            let empty = decoded.urunc.get(key).is_none() && !decoded.unusable.contains(&key);
            let given = decoded.places.contains_key(&key.into());
            if empty && (key != Key::Cmdline || !given) {
                self.missing_annotation(key, decoded.places.get(&key.into()), &place);
            }
        }
        self.apply_rules(&decoded);
        decoded
    }

    fn missing_annotation(&mut self, key: Key, given: Option<&Place>, annotations: &Place) {
        let name = key.short();
        let why = match key {
            Key::Cmdline => "an empty command line must be said, so that it cannot be forgotten",
            _ => "urunc does not recognise an image without it",
        };
        let diagnostic = match given {
            Some(place) => {
                place.error("urunc/missing-annotation", format!("the annotation `{name}` is empty"))
            }
            None => annotations.mark_name(
                Diagnostic::error(
                    "urunc/missing-annotation",
                    format!("the annotation `{name}` is missing"),
                ),
                "",
            ),
        };
        let example = match key {
            Key::UnikernelType => "unikernelType = \"unikraft\";",
            Key::Hypervisor => "hypervisor = \"qemu\";",
            Key::Binary => "binary = \"/unikernel/kernel\";",
            _ => "cmdline = \"\";",
        };
        self.report.push(diagnostic.with_why(why).with_help(format!("add `{example}`")));
    }

    fn annotation(&mut self, name: &str, attr: &Attr, decoded: &mut AllAnnotations) {
        let place = self.place(attr, &format!("annotations.{name}"));
        let short = match name.strip_prefix(PREFIX) {
            Some(short) => short,
            None if name.contains('.') => {
                if let Some(text) = self.string(&attr.value, &place) {
                    decoded.oci.insert(name.to_owned(), text);
                }
                return;
            }
            None => name,
        };
        if RUNTIME_ONLY.contains(&short) {
            let diagnostic = Diagnostic::error(
                "urunc/runtime-annotation",
                format!("`{short}` does not belong in an image"),
            )
            .with_why("it names things of the host, and urunc takes it from the runtime alone")
            .with_help("leave it out and give it as an annotation of the container");
            self.report.push(place.mark_name(diagnostic, ""));
            return;
        }
        let Some(key) = Key::from_short(short) else {
            let near = nearest(short, Key::ALL.map(Key::short));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "a key with a dot is an OCI annotation, as in \
                         `\"org.opencontainers.image.authors\"`"
                    .to_owned(),
            };
            let diagnostic = Diagnostic::error(
                "urunc/unknown-annotation",
                format!("urunc reads no annotation `{short}`"),
            );
            self.report.push(place.mark_name(diagnostic, "").with_help(help));
            return;
        };
        let Some(text) = self.annotation_value(key, &attr.value, &place) else {
            decoded.unusable.insert(key);
            return;
        };
        if let Some(first) = decoded.places.get(&key.into()) {
            if !text.is_empty() && decoded.urunc.get(key).is_some_and(|known| known != text) {
                let diagnostic = Diagnostic::error(
                    "urunc/annotation-twice",
                    format!("`{}` is given twice, with two values", key.short()),
                );
                let (earlier, later) =
                    if first.spans <= place.spans { (first, &place) } else { (&place, first) };
                let diagnostic = later.mark(diagnostic, "again here");
                self.report.push(earlier.mark(diagnostic, "first given here"));
                return;
            }
            if text.is_empty() {
                return;
            }
        }
        decoded.urunc.set(key, text);
        decoded.places.insert(key.into(), place);
    }

    fn annotation_value(&mut self, key: Key, value: &Value, place: &Place) -> Option<String> {
        let value = self.force(value)?;
        match (&value, key.is_bool()) {
            (Value::Bool(flag), true) => Some(flag.to_string()),
            (Value::String(_), _) | (_, false) => self.string(&value, place),
            (other, true) => {
                self.type_error(place, "true or false", other, None);
                None
            }
        }
    }

    fn apply_rules(&mut self, decoded: &AllAnnotations) {
        for finding in urunc::check(&decoded.urunc) {
            // A value that cannot be used is not missing.
            if finding.needs.is_some_and(|key| decoded.unusable.contains(&key)) {
                continue;
            }
            self.report.push(mark_finding(&finding, &decoded.places));
        }
    }

    fn env(&mut self, root: &Attrs) -> Vec<String> {
        let Some((value, place)) = self.field(root, "env") else { return Vec::new() };
        let variables: Vec<(String, Place)> = match self.force(&value) {
            None => return Vec::new(),
            Some(Value::List(_)) => {
                let words = self.strings(&value, &place).unwrap_or_default();
                words.into_iter().map(|word| (word, place.clone())).collect()
            }
            Some(Value::Attrs(attrs)) => {
                let mut variables = Vec::new();
                for (name, attr) in self.members(&attrs, &place.path) {
                    let inner = self.place(&attr, &format!("env.{name}"));
                    if name.is_empty() || name.contains('=') {
                        let title = format!("`{name}` is not the name of an environment variable");
                        let diagnostic = Diagnostic::error("recipe/env", title)
                            .with_why("a name has a character at least, and ends at the first `=`");
                        self.report.push(inner.mark_name(diagnostic, ""));
                        continue;
                    }
                    if let Some(text) = self.string(&attr.value, &inner) {
                        variables.push((format!("{name}={text}"), inner));
                    }
                }
                variables
            }
            Some(other) => {
                self.type_error(&place, "a set or a list of strings", &other, None);
                return Vec::new();
            }
        };
        for (variable, place) in &variables {
            let named = variable.split_once('=').is_some_and(|(name, _)| !name.is_empty());
            if !named || variable.contains('\0') {
                let title = format!("`{variable}` is not an environment variable");
                self.report
                    .push(place.error("recipe/env", title).with_help("write \"NAME=value\""));
            }
        }
        variables.into_iter().map(|(variable, _)| variable).collect()
    }

    fn working_dir(&mut self, root: &Attrs) -> Option<String> {
        let (value, place) = self.field(root, "workingDir")?;
        let text = self.string(&value, &place)?;
        if text.is_empty() {
            return None;
        }
        if !text.starts_with('/') {
            let title = format!("`{text}` is not an absolute path");
            self.report.push(
                place.error("recipe/working-dir", title).with_help(format!("write \"/{text}\"")),
            );
        }
        Some(text)
    }

    fn user(&mut self, root: &Attrs) -> Option<String> {
        let (value, place) = self.field(root, "user")?;
        match self.force(&value)? {
            Value::Int(id) => self.known_user(id.to_string(), &place),
            Value::String(text) => {
                let text = self.text(text.as_bytes(), &place).filter(|text| !text.is_empty())?;
                self.known_user(text, &place)
            }
            other => {
                self.type_error(&place, "a string or a user number", &other, None);
                None
            }
        }
    }

    fn known_user(&mut self, user: String, place: &Place) -> Option<String> {
        let Some(number) = owner::outside(&user) else { return Some(user) };
        let title = format!("`{number}` is not the number of a user or a group");
        self.report.push(
            place
                .error("recipe/user", title)
                .with_why(format!("engines take 0 to {}", owner::MAX_USER))
                .with_help("write a number such as 1000, or \"1000:1000\" with a group"),
        );
        None
    }

    fn labels(&mut self, root: &Attrs) -> BTreeMap<String, String> {
        let mut labels = BTreeMap::new();
        let Some((value, place)) = self.field(root, "labels") else { return labels };
        for (name, attr) in self.set(&value, &place, "a set of strings").unwrap_or_default() {
            let inner = self.place(&attr, &format!("labels.\"{name}\""));
            if name.starts_with(PREFIX) {
                let diagnostic = Diagnostic::error(
                    "recipe/urunc-label",
                    format!("`{name}` belongs into `annotations`"),
                )
                .with_why("labels of urunc are made from the annotations, so that both agree");
                self.report.push(inner.mark_name(diagnostic, ""));
                continue;
            }
            if let Some(text) = self.string(&attr.value, &inner) {
                if let Some(finding) = urunc::check_label(Field::Labels, &name, &text) {
                    self.report.push(inner.mark(finding.diagnostic(), ""));
                }
                labels.insert(name, text);
            }
        }
        labels
    }

    fn architecture(&mut self, root: &Attrs) -> Option<Placed<String>> {
        let (value, place) = self.field(root, "architecture")?;
        let text = self.string(&value, &place)?;
        if text.is_empty() {
            return None;
        }
        if !ARCHITECTURES.contains(&text.as_str()) {
            let help = match text.as_str() {
                "x86_64" | "x86-64" | "x64" => Some("write \"amd64\"".to_owned()),
                "aarch64" | "armv8" => Some("write \"arm64\"".to_owned()),
                "i386" | "i686" | "x86" => Some("write \"386\"".to_owned()),
                other => nearest(other, ARCHITECTURES).map(|near| format!("write \"{near}\"")),
            };
            let title = format!("`{text}` is not an architecture of OCI images");
            self.report.push(
                place
                    .error("recipe/architecture", title)
                    .with_why(format!("engines know {}", ARCHITECTURES.join(", ")))
                    .with_help_if(help),
            );
            return None;
        }
        Some(Placed { value: text, place })
    }

    fn created(&mut self, root: &Attrs) -> Option<u64> {
        let (value, place) = self.field(root, "created")?;
        let value = self.force(&value)?;
        let seconds = match &value {
            Value::Int(seconds) => u64::try_from(*seconds).ok(),
            Value::String(text) if text.as_bytes().is_empty() => return None,
            Value::String(text) => super::created::parse(&text.to_text()),
            _ => None,
        };
        if seconds.is_none_or(|seconds| seconds > super::created::MAX) {
            let now = matches!(&value, Value::String(text) if text.as_bytes() == b"now");
            let diagnostic = place.error("recipe/created", "`created` is not a time".to_owned());
            self.report.push(if now {
                diagnostic
                    .with_why("the clock would make every build another image")
                    .with_help("leave it out, or set SOURCE_DATE_EPOCH")
            } else {
                diagnostic.with_help(
                    "write seconds since 1970, or a time such as \"2026-01-31T12:00:00Z\"",
                )
            });
            return None;
        }
        seconds
    }
}

fn is_error(diagnostic: &Diagnostic) -> bool {
    diagnostic.severity == crate::diag::Severity::Error
}

fn request(source: PathBuf, destination: Vec<u8>, place: Place) -> FileRequest {
    FileRequest { source, from: None, destination, mode: None, uid: 0, gid: 0, place }
}

fn not_utf_8(place: &Place) -> Diagnostic {
    Diagnostic::error("recipe/not-utf-8", format!("`{}` is not UTF-8", place.path))
        .with_why("the image's configuration is JSON, which holds text only")
}

fn missing(field: &str, example: &str) -> Diagnostic {
    Diagnostic::error("recipe/missing-field", format!("args.nix has no `{field}`"))
        .with_help(format!("add `{example}`"))
}
