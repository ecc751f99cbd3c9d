//! Platforms of images, and which of several is meant (OCI image-spec, `image-index.md`).
//!
//! In: the platforms that there are, and what is wanted. Out: the one that is meant, or the facts about why it is none
//! of them. What always holds: the choice follows from what is written, never from the machine.

use std::fmt;

/// A platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// Why a text is not a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformFault {
    /// It has no slash, so it names one of the two.
    OneWord,
    /// It has more than three words.
    TooMany,
    /// A word is empty, or has characters that no name has.
    Word,
}

impl fmt::Display for PlatformFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PlatformFault::OneWord => "it names an operating system or an architecture, not both",
            PlatformFault::TooMany => {
                "it has more than an operating system, an architecture and a variant"
            }
            PlatformFault::Word => {
                "its words are not empty, and have letters, digits, `_`, `.` and `-`"
            }
        })
    }
}

/// The OCI name of an architecture (`GOARCH`).
pub fn architecture(name: &str) -> &str {
    match name {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" | "i686" => "386",
        other => other,
    }
}

impl Platform {
    /// The platform of an image. Names that others use are replaced by OCI's, and a variant that goes without saying is
    /// left out (containerd's `platforms`).
    pub fn new(os: &str, architecture: &str, variant: Option<&str>) -> Self {
        let architecture = self::architecture(architecture).to_owned();
        let goes_without_saying = |variant: &str| {
            matches!(
                (architecture.as_str(), variant),
                (_, "") | ("arm64", "v8" | "8") | ("arm", "v7" | "7") | ("amd64", "v1")
            )
        };
        let variant = variant.filter(|variant| !goes_without_saying(variant));
        let variant = variant.map(str::to_owned);
        Platform { os: os.to_ascii_lowercase(), architecture, variant }
    }

    /// A platform as it is written: `OS/ARCHITECTURE` or `OS/ARCHITECTURE/VARIANT`.
    ///
    /// # Errors
    /// The rule it breaks.
    pub fn parse(text: &str) -> Result<Self, PlatformFault> {
        let words: Vec<&str> = text.split('/').collect();
        let is_word = |word: &&str| {
            let known = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            !word.is_empty() && word.chars().all(known)
        };
        if !words.iter().all(is_word) {
            return Err(PlatformFault::Word);
        }
        match words.as_slice() {
            [os, architecture] => Ok(Self::new(os, architecture, None)),
            [os, architecture, variant] => Ok(Self::new(os, architecture, Some(variant))),
            [_] | [] => Err(PlatformFault::OneWord),
            _ => Err(PlatformFault::TooMany),
        }
    }

    /// The platform that an image has which is made for this one: containers are Linux's, whatever the guest is.
    #[must_use]
    pub fn of_made(&self) -> Self {
        Platform { os: "linux".to_owned(), ..self.clone() }
    }

    /// The operating system, or the platform of Unikraft.
    pub fn os(&self) -> &str {
        &self.os
    }

    /// The architecture, by its OCI name.
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// The variant, where it does not go without saying.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// Whether an image of this platform is what `wanted` asks for; a variant counts where it asks for one.
    fn is(&self, wanted: &Platform) -> bool {
        let is_variant = wanted.variant.is_none() || wanted.variant == self.variant;
        self.os == wanted.os && self.architecture == wanted.architecture && is_variant
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

/// What is known of the platform that is meant.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'w> {
    /// What the text or the command line names.
    pub platform: Option<Platform>,
    /// The architecture of the image that is made, by its OCI name.
    pub architecture: Option<&'w str>,
    /// The operating system that goes first, if there are images for it. Unikraft's images name a platform there.
    pub os: Option<&'w str>,
}

/// Why none was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unchosen {
    /// There is none like this.
    Missing {
        /// What is wanted, as it can be written.
        wanted: String,
        /// What there is.
        all: Vec<Platform>,
    },
    /// Several could be meant.
    Several {
        /// Those that could be.
        left: Vec<Platform>,
    },
    /// Several are of one platform.
    Twice {
        /// That platform.
        platform: Platform,
    },
}

/// Chooses one of the candidates, by its number.
///
/// A platform that is named must be there. Otherwise those of the given architecture count, or all; of these, those of
/// the wanted operating system go first, then those for linux, then the rest. One must be left.
///
/// # Errors
/// Why none was chosen.
pub fn choose(candidates: &[Platform], wanted: &Wanted<'_>) -> Result<usize, Unchosen> {
    let missing = |wanted: String| Unchosen::Missing { wanted, all: candidates.to_vec() };
    let matching = |is: &dyn Fn(&Platform) -> bool| -> Vec<usize> {
        let all = candidates.iter().enumerate();
        all.filter(|(_, platform)| is(platform)).map(|(number, _)| number).collect()
    };
    let mut left = match (&wanted.platform, wanted.architecture) {
        (Some(platform), _) => {
            let left = matching(&|candidate| candidate.is(platform));
            // Without a variant the usual one goes first.
            let exact = matching(&|candidate| candidate == platform);
            let left = if exact.is_empty() { left } else { exact };
            if left.is_empty() {
                return Err(missing(platform.to_string()));
            }
            left
        }
        (None, _) if candidates.len() == 1 => vec![0],
        (None, Some(architecture)) => {
            let left = matching(&|candidate| candidate.architecture == architecture);
            if left.is_empty() {
                return Err(missing(architecture.to_owned()));
            }
            left
        }
        (None, None) => matching(&|_| true),
    };
    for os in [wanted.os, Some("linux")].into_iter().flatten() {
        if left.len() > 1 {
            let is_of = |number: &usize| candidates.get(*number).is_some_and(|one| one.os == os);
            let of: Vec<usize> = left.iter().copied().filter(is_of).collect();
            if !of.is_empty() {
                left = of;
                break;
            }
        }
    }
    match left.as_slice() {
        [] => Err(missing("any platform".to_owned())),
        [one] => Ok(*one),
        several => {
            let left: Vec<Platform> =
                several.iter().filter_map(|number| candidates.get(*number)).cloned().collect();
            match left.first() {
                Some(first) if left.iter().all(|other| other == first) => {
                    Err(Unchosen::Twice { platform: first.clone() })
                }
                _ => Err(Unchosen::Several { left }),
            }
        }
    }
}

impl Unchosen {
    /// What is wrong, why, and what to do, for an image that messages call `image`.
    pub fn words(&self, image: &str) -> (String, String, String) {
        let list = |platforms: &[Platform]| {
            let mut all: Vec<String> = platforms.iter().map(ToString::to_string).collect();
            all.sort();
            all.dedup();
            all.join(", ")
        };
        match self {
            Unchosen::Missing { all, .. } if all.is_empty() => (
                format!("`{image}` has no image"),
                "it is an index in which nothing is named that a container is started from"
                    .to_owned(),
                "name an image".to_owned(),
            ),
            Unchosen::Missing { wanted, all } => (
                format!("`{image}` has no image for {wanted}"),
                format!("it has images for {}", list(all)),
                "choose one of these, or another image".to_owned(),
            ),
            Unchosen::Several { left } => (
                format!("`{image}` has images for several platforms"),
                format!("which one is meant is not clear: {}", list(left)),
                format!(
                    "say which: `platform = \"{first}\";` in args.nix, `FROM --platform={first}` in a \
                     Containerfile, or `--platform {first}`",
                    first = left.first().map(ToString::to_string).unwrap_or_default()
                ),
            ),
            Unchosen::Twice { platform } => (
                format!("`{image}` has several images for {platform}"),
                "only one of them can be the base".to_owned(),
                "take the one that is meant out of it, for instance with `skopeo copy`".to_owned(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platforms(names: &[&str]) -> Vec<Platform> {
        names.iter().map(|name| Platform::parse(name).unwrap()).collect()
    }

    #[test]
    fn parsing() {
        for (text, expected) in [
            ("linux/amd64", Ok("linux/amd64")),
            ("qemu/x86_64", Ok("qemu/amd64")),
            ("fc/aarch64", Ok("fc/arm64")),
            ("linux/arm64/v8", Ok("linux/arm64")),
            ("linux/arm/v7", Ok("linux/arm")),
            ("linux/arm/v6", Ok("linux/arm/v6")),
            ("Linux/amd64", Ok("linux/amd64")),
            ("linux", Err(PlatformFault::OneWord)),
            ("", Err(PlatformFault::Word)),
            ("linux/", Err(PlatformFault::Word)),
            ("linux/amd 64", Err(PlatformFault::Word)),
            ("a/b/c/d", Err(PlatformFault::TooMany)),
        ] {
            let parsed = Platform::parse(text).map(|platform| platform.to_string());
            assert_eq!(parsed.as_deref(), expected.as_deref(), "{text}");
        }
    }

    #[test]
    fn choosing() {
        let catalog = ["fc/amd64", "qemu/amd64", "xen/amd64", "kraftcloud/amd64"];
        let linux = ["linux/amd64", "linux/arm64", "linux/arm/v6", "linux/arm/v7"];
        let case = |all: &[&str], platform: &str, architecture: &str, os: &str| {
            let some = |text| Some(text).filter(|text: &&str| !text.is_empty());
            let wanted = Wanted {
                platform: some(platform).map(|text| Platform::parse(text).unwrap()),
                architecture: some(architecture),
                os: some(os),
            };
            let platforms = platforms(all);
            choose(&platforms, &wanted).map(|number| platforms[number].to_string())
        };
        let ok = |name: &str| Ok(name.to_owned());
        assert_eq!(case(&catalog, "", "", "qemu"), ok("qemu/amd64"));
        assert_eq!(case(&catalog, "", "", "fc"), ok("fc/amd64"));
        assert_eq!(case(&catalog, "xen/x86_64", "", "qemu"), ok("xen/amd64"));
        assert_eq!(case(&linux, "", "arm64", "qemu"), ok("linux/arm64"));
        assert_eq!(case(&linux, "linux/arm", "", ""), ok("linux/arm"));
        assert_eq!(case(&linux, "linux/arm/v6", "", ""), ok("linux/arm/v6"));
        assert_eq!(case(&["windows/amd64", "linux/amd64"], "", "", ""), ok("linux/amd64"));
        assert_eq!(case(&["qemu/arm64"], "", "amd64", "fc"), ok("qemu/arm64"));
        assert!(
            matches!(case(&linux, "", "", "qemu"), Err(Unchosen::Several { left }) if left.len() == 4)
        );
        assert!(
            matches!(case(&catalog, "", "", "plan9"), Err(Unchosen::Several { left }) if left.len() == 4)
        );
        assert!(matches!(case(&catalog, "linux/amd64", "", ""), Err(Unchosen::Missing { .. })));
        assert!(matches!(
            case(&["qemu/arm64"], "qemu/amd64", "", ""),
            Err(Unchosen::Missing { .. })
        ));
        assert!(matches!(case(&linux, "", "s390x", ""), Err(Unchosen::Missing { .. })));
        let twice = ["linux/amd64", "linux/amd64"];
        assert!(matches!(case(&twice, "", "amd64", ""), Err(Unchosen::Twice { .. })));
    }

    /// Every list of at most three candidates, with everything that can be wanted of it.
    fn every(check: impl Fn(&[Platform], &Wanted<'_>)) {
        let all = platforms(&[
            "linux/amd64",
            "linux/arm64",
            "linux/arm",
            "linux/arm/v6",
            "qemu/amd64",
            "qemu/arm64",
            "fc/amd64",
        ]);
        let mut lists: Vec<Vec<Platform>> = vec![Vec::new()];
        for length in 0..3 {
            let longer = |list: &Vec<Platform>| {
                let list = list.clone();
                all.iter().map(move |more| [list.as_slice(), std::slice::from_ref(more)].concat())
            };
            let longest = lists.iter().filter(|list| list.len() == length);
            let longer: Vec<_> = longest.flat_map(longer).collect();
            lists.extend(longer);
        }
        assert_eq!(lists.len(), 1 + 7 + 49 + 343);
        for list in &lists {
            for platform in all.iter().map(Some).chain([None]) {
                for architecture in [None, Some("amd64"), Some("s390x")] {
                    for os in [None, Some("qemu"), Some("fc"), Some("plan9")] {
                        let platform = platform.cloned();
                        check(list, &Wanted { platform, architecture, os });
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_chosen_is_what_is_wanted() {
        every(|list, wanted| {
            let Ok(chosen) = choose(list, wanted).map(|number| &list[number]) else { return };
            if let Some(platform) = &wanted.platform {
                assert!(chosen.is(platform), "{list:?} {wanted:?}");
            } else if let Some(architecture) = wanted.architecture.filter(|_| list.len() > 1) {
                assert_eq!(chosen.architecture(), architecture, "{list:?} {wanted:?}");
            }
            let equal = list.iter().filter(|other| *other == chosen).count();
            assert_eq!(equal, 1, "one of two would be a guess: {list:?} {wanted:?}");
            // To write it down changes nothing.
            let named = Wanted { platform: Some(chosen.clone()), ..wanted.clone() };
            let again = choose(list, &named).map(|number| &list[number]);
            assert_eq!(again, Ok(chosen), "{list:?} {wanted:?}");
        });
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter() {
        let sorted = |mut list: Vec<Platform>| {
            list.sort_by_key(ToString::to_string);
            list
        };
        let outcome = |list: &[Platform], wanted: &Wanted<'_>| match choose(list, wanted) {
            Ok(number) => Ok(list[number].clone()),
            Err(Unchosen::Missing { wanted, all }) => {
                Err(Unchosen::Missing { wanted, all: sorted(all) })
            }
            Err(Unchosen::Several { left }) => Err(Unchosen::Several { left: sorted(left) }),
            Err(twice) => Err(twice),
        };
        every(|list, wanted| {
            let expected = outcome(list, wanted);
            for turned in 0..list.len() {
                let mut other = list.to_vec();
                other.rotate_left(turned);
                assert_eq!(outcome(&other, wanted), expected, "{list:?} {wanted:?}");
                other.reverse();
                assert_eq!(outcome(&other, wanted), expected, "{list:?} {wanted:?}");
            }
        });
    }

    #[test]
    fn what_is_not_chosen_is_said() {
        every(|list, wanted| match choose(list, wanted) {
            Ok(number) => assert!(number < list.len()),
            Err(Unchosen::Missing { all, .. }) => {
                assert_eq!(all, list);
                let fits = |one: &Platform| match (&wanted.platform, wanted.architecture) {
                    (Some(platform), _) => one.is(platform),
                    (None, Some(architecture)) => one.architecture() == architecture,
                    (None, None) => true,
                };
                assert!(!list.iter().any(fits), "{list:?} {wanted:?}");
            }
            Err(Unchosen::Several { left }) => {
                assert!(left.len() > 1 && left.iter().all(|one| list.contains(one)));
                assert!(left.iter().any(|other| *other != left[0]), "{list:?} {wanted:?}");
            }
            Err(Unchosen::Twice { platform }) => {
                assert!(list.iter().filter(|one| **one == platform).count() > 1);
            }
        });
        let (title, why, _) = choose(&[], &Wanted::default()).unwrap_err().words("x");
        assert!(title == "`x` has no image" && why.contains("nothing is named"), "{title}: {why}");
    }
}
