//! Manifests and blobs from a registry, and from what is none.

use super::*;
use fake::part;
use server::Ending;

/// The media types of indexes and manifests.
const KINDS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// A manifest of this kind.
fn manifest(kind: &str) -> Vec<u8> {
    let rest = if kind.contains("index") || kind.contains("list") {
        r#""manifests":[]"#
    } else {
        r#""config":{},"layers":[]"#
    };
    format!(r#"{{"schemaVersion":2,"mediaType":"{kind}",{rest}}}"#).into_bytes()
}

fn with_manifest(fake: &Fake, bytes: &[u8]) -> Digest {
    let digest = Digest::of(bytes);
    let value = ("text/plain".to_owned(), bytes.to_vec());
    for name in ["v1".to_owned(), digest.to_string()] {
        fake.state().manifests.insert(("team/app".to_owned(), name), value.clone());
    }
    digest
}

#[test]
fn a_manifest_comes_by_its_tag_and_by_its_digest() {
    for kind in KINDS {
        let fake = Fake::new();
        let digest = with_manifest(&fake, &manifest(kind));
        let server = fake.start();
        let user = User::new();
        for version in [Version::Tag("v1".to_owned()), Version::Digest(digest)] {
            let found = user.pulls(&server.host(), |pull| pull.manifest(&version)).unwrap();
            assert_eq!((found.digest, found.media_type.as_str()), (digest, kind));
            assert_eq!(found.bytes, manifest(kind));
        }
        assert_eq!(user.pulls(&server.host(), |pull| pull.resolve("v1")).unwrap(), digest);
        let seen = server.seen();
        let asked: Vec<_> =
            seen.iter().filter(|request| request.path().contains("manifests")).collect();
        let methods: Vec<&str> = asked.iter().map(|request| request.method.as_str()).collect();
        assert_eq!(methods, ["GET", "GET", "HEAD"], "a tag is looked up without the manifest");
        for request in asked {
            for kind in KINDS {
                assert!(request.header("accept").unwrap().contains(kind));
            }
        }
    }
}

/// Not every registry says the digest of a tag, or knows HEAD.
#[test]
fn a_tag_is_looked_up_somehow() {
    for (status, header) in [
        (200, None),
        (200, Some("md5:x")),
        (200, Some("sha256:00")),
        (204, None),
        (404, None),
        (405, None),
        (501, None),
    ] {
        let fake = Fake::new().answers(9, "HEAD", "/v2/team", move |_| match header {
            Some(header) => reply(status).header("Docker-Content-Digest", header),
            None => reply(status),
        });
        let digest = with_manifest(&fake, &manifest(MANIFEST));
        let found = User::new().pulls(&fake.start().host(), |pull| pull.resolve("v1"));
        assert_eq!(found.unwrap(), digest, "{status} {header:?}");
    }
}

#[test]
fn other_bytes_are_not_the_manifest() {
    let wanted = Digest::of(b"the manifest");
    for bytes in [manifest(MANIFEST), Vec::new(), b"the manifest ".to_vec()] {
        let answer = bytes.clone();
        let fake =
            Fake::new().answers(9, "GET", "/v2/team", move |_| reply(200).body(answer.clone()));
        let server = fake.start();
        let error = User::new()
            .pulls(&server.host(), |pull| pull.manifest(&Version::Digest(wanted)))
            .unwrap_err();
        let Error::WrongBytes { wanted: asked, found, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*asked, *found), (wanted, Digest::of(&bytes)));
        assert_eq!(server.lines().len(), 1, "that does not pass");
        assert!(words(&error).contains("registry/wrong-bytes"));
    }
    // Behind a tag the registry's own word counts.
    let fake = Fake::new().answers(9, "GET", "/v2/team", move |_| {
        reply(200).header("Docker-Content-Digest", wanted.to_string()).body(manifest(MANIFEST))
    });
    let error = User::new()
        .pulls(&fake.start().host(), |pull| pull.manifest(&Version::Tag("v1".to_owned())))
        .unwrap_err();
    assert!(matches!(error, Error::WrongBytes { .. }), "{error:?}");
}

#[test]
fn what_is_no_manifest_is_refused() {
    type Answer = fn() -> server::Reply;
    let answers: [(Answer, &str); 9] = [
        (|| reply(404), "has no tag `v1`"),
        (|| reply(403).body(r#"{"errors":[{"code":"DENIED"}]}"#), "403 Forbidden: DENIED"),
        (|| reply(200), "it is not JSON"),
        (|| reply(200).body("<html>hello</html>"), "it is not JSON"),
        (|| reply(200).body(r#"{"schemaVersion":1,"fsLayers":[]}"#), "neither `manifests`"),
        (
            || reply(200).body(r#"{"manifests":[],"layers":[],"config":{}}"#),
            "an index and a manifest at once",
        ),
        (|| reply(200).body(r#"{"mediaType":"text/x","layers":[],"config":{}}"#), "it is `text/x`"),
        (|| reply(200).body(vec![b' '; (4 << 20) + 1]), "4194304 bytes are read at most"),
        (
            || reply(200).body(vec![b' '; 6 << 20]).ending(Ending::Unsized),
            "4194304 bytes are read at most",
        ),
    ];
    for (answer, word) in answers {
        let server = Fake::new().answers(9, "GET", "/v2/team", move |_| answer()).start();
        let tag = Version::Tag("v1".to_owned());
        let error = User::new().pulls(&server.host(), |pull| pull.manifest(&tag)).unwrap_err();
        let said = words(&error);
        assert!(said.contains(word), "{word}: {said}");
        assert_eq!(server.lines().len(), 1, "{word}");
    }
}

#[test]
fn a_blob_comes_as_it_is() {
    for bytes in [large(), b"small".to_vec(), Vec::new()] {
        let fake = Fake::new();
        fake.add_blob("team/app", &bytes);
        let server = fake.start();
        assert!(User::new().pulls_blob(&server.host(), &bytes).unwrap() == bytes);
        let asked = usize::from(!bytes.is_empty());
        assert_eq!(server.lines().len(), asked, "nobody is asked for nothing");
    }
    // Without a length as well.
    let fake = Fake::new()
        .answers(1, "GET", "/v2/team", |_| reply(200).body(large()).ending(Ending::Unsized));
    assert!(User::new().pulls_blob(&fake.start().host(), &large()).unwrap() == large());
}

/// A blob whose registry breaks off after so many bytes, each time.
fn breaking_off(
    after: usize,
    answers: impl Fn(&Request) -> server::Reply + Send + 'static,
) -> Fake {
    Fake::new().answers(99, "GET", "/v2/team/app/blobs", move |request| {
        answers(request).ending(Ending::Cut(after))
    })
}

#[test]
fn a_pull_that_breaks_off_goes_on() {
    let server = breaking_off(700_000, |request| part(request, &large())).start();
    assert!(User::new().pulls_blob(&server.host(), &large()).unwrap() == large());
    let ranges: Vec<String> = server
        .seen()
        .iter()
        .filter(|request| request.path().contains("blobs"))
        .map(|request| request.header("range").unwrap_or("none").to_owned())
        .collect();
    let expected = ["none", "bytes=700000-", "bytes=1400000-", "bytes=2100000-", "bytes=2800000-"];
    assert_eq!(ranges, expected, "more often than is tried, since it gets on");
}

/// A registry that knows no ranges sends all of it again, and is not believed to have sent the rest.
#[test]
fn a_registry_without_ranges_sends_it_again() {
    let mut sent = 0;
    let fake = Fake::new().rule(move |request, _| {
        request.is("GET", "/v2/team/app/blobs").then(|| {
            sent += 1_000_000;
            Plan::Answer(reply(200).body(large()).ending(Ending::Cut(sent)))
        })
    });
    assert!(User::new().pulls_blob(&fake.start().host(), &large()).unwrap() == large());
    // Nor is one that begins before what was asked for.
    let fake = Fake::new().answers(99, "GET", "/v2/team/app/blobs", |request| {
        let bytes = &large()[1_000_000..];
        match request.header("range") {
            None => reply(200).body(large()).ending(Ending::Cut(1_500_000)),
            Some(_) => {
                reply(206).header("Content-Range", "bytes 1000000-2999999/3000000").body(bytes)
            }
        }
    });
    let server = fake.start();
    assert!(User::new().pulls_blob(&server.host(), &large()).unwrap() == large());
}

#[test]
fn a_range_that_is_another_is_refused() {
    type Answer = fn() -> server::Reply;
    let answers: [(Answer, &str); 5] = [
        (|| reply(206).header("Content-Range", "bytes 2000000-2999999/3000000"), "another part"),
        (|| reply(206), "another part"),
        (|| reply(206).header("Content-Range", "lines 5-6/7"), "another part"),
        (|| reply(416), "does not have the 3000000 bytes"),
        (|| reply(404), "has no blob"),
    ];
    for (answer, word) in answers {
        let server = breaking_off(700_000, move |request| match request.header("range") {
            None => reply(200).body(large()),
            Some(_) => answer(),
        })
        .start();
        let said = words(&User::new().pulls_blob(&server.host(), &large()).unwrap_err());
        assert!(said.contains(word), "{word}: {said}");
    }
}

#[test]
fn other_bytes_are_not_the_blob() {
    for (bytes, word) in [
        (vec![7; 3_000_000], "their digest is"),
        (vec![7; 2_999_999], "it has 2999999 bytes, and should have 3000000"),
        (vec![7; 3_000_001], "it has 3000001 bytes, and should have 3000000"),
        (Vec::new(), "it has 0 bytes"),
    ] {
        let fake = Fake::new()
            .answers(9, "GET", "/v2/team/app/blobs", move |_| reply(200).body(bytes.clone()));
        let server = fake.start();
        let said = words(&User::new().pulls_blob(&server.host(), &large()).unwrap_err());
        assert!(said.contains(word) && said.contains("registry/wrong-bytes"), "{said}");
        assert_eq!(server.lines().len(), 1, "that does not pass");
    }
    // More than was said is not read, whatever its length.
    let fake = Fake::new().answers(9, "GET", "/v2/team/app/blobs", |_| {
        reply(200).body(large()).ending(Ending::Unsized)
    });
    let mut out = Vec::new();
    let user = User::new();
    let pull = |pull: &mut Pull<'_>| pull.blob(Digest::of(b"x"), 100_000, &mut out);
    let said = words(&user.pulls(&fake.start().host(), pull).unwrap_err());
    assert!(said.contains("does not have the 100000 bytes"), "{said}");
    assert!(out.len() <= 100_000);
}

#[test]
fn a_pull_that_gets_nowhere_ends() {
    for after in [0, 1, 1000] {
        let server = breaking_off(after, |request| part(request, &large())).start();
        let said = words(&User::new().pulls_blob(&server.host(), &large()).unwrap_err());
        assert!(said.contains("cannot fetch a blob, in 3 attempts"), "{after}: {said}");
        assert_eq!(server.lines().len(), 3, "{after}");
    }
    let fake = Fake::new().answers(99, "GET", "/v2/team/app/blobs", |_| {
        reply(200).body(large()).ending(Ending::Stall(1000))
    });
    let server = fake.start();
    let mut user = User::new();
    user.settings.limits.answer = Duration::from_millis(50);
    let said = words(&user.pulls_blob(&server.host(), &large()).unwrap_err());
    assert!(said.contains("nothing was answered for 0.05 s"), "{said}");
}

#[test]
fn a_blob_that_is_kept_elsewhere_is_fetched_without_a_login() {
    let authority = Authority::new();
    let tls = authority.server(&["127.0.0.1"]);
    for status in [301, 302, 303, 307, 308] {
        let mut count = 0;
        let elsewhere = Fake::new().rule(move |request, _| {
            count += 1;
            let answer = part(request, &large());
            // It breaks off once, and is asked for the rest.
            (count == 1).then(|| Plan::Answer(answer.ending(Ending::Cut(1_000_000))))
        });
        elsewhere.add_blob("team/app", &large());
        let stranger = elsewhere.start_as_stranger_tls(&tls);
        let place = stranger.url("");
        let fake = Fake::new().guarded(&[BASIC], &["Basic".to_owned()]).answers(
            99,
            "GET",
            "/v2/team/app/blobs",
            move |request| reply(status).header("Location", format!("{place}{}", request.target)),
        );
        let server = fake.start_tls(&tls);
        let user = User::logged_in(&server.host()).trusting(&authority);
        assert!(user.pulls_blob(&server.host(), &large()).unwrap() == large(), "{status}");
        let ranges: Vec<_> =
            stranger.seen().iter().map(|seen| seen.header("range").map(str::to_owned)).collect();
        assert_eq!(ranges, [None, Some("bytes=1000000-".to_owned())]);
    }
    // But not without TLS.
    let stranger = Server::stranger(None, |_: &Request| reply(200));
    let place = stranger.url("/x");
    let fake =
        Fake::new().answers(9, "GET", "/v2/team", move |_| reply(302).header("Location", &place));
    let server = fake.start_tls(&tls);
    let user = User::logged_in(&server.host()).trusting(&authority);
    let said = words(&user.pulls_blob(&server.host(), &large()).unwrap_err());
    assert!(said.contains("which leaves TLS"), "{said}");
    assert!(stranger.seen().is_empty());
}

#[test]
fn a_pull_may_need_a_login() {
    for known in [true, false] {
        let realm = Server::trusted(None, tokens(&[BASIC], "token-1"));
        let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
        let fake = Fake::new().guarded(&["Bearer token-1"], &[challenge]);
        with_manifest(&fake, &manifest(MANIFEST));
        let server = fake.start();
        let user = if known { User::logged_in(&server.host()) } else { User::new() };
        let tag = Version::Tag("v1".to_owned());
        let found = user.pulls(&server.host(), |pull| pull.manifest(&tag));
        match found {
            Ok(_) => assert!(known),
            Err(error) => assert!(!known && words(&error).contains("docker login"), "{error:?}"),
        }
        assert_eq!(
            realm.seen()[0].query("scope"),
            ["repository:team/app:pull"],
            "no more than that"
        );
    }
}

/// The token expires while a large blob comes.
#[test]
fn a_token_that_expires_in_the_middle_is_renewed() {
    let mut given = 0;
    let realm = Fake::new().rule(move |_, _| {
        given += 1;
        Some(Plan::Answer(reply(200).body(format!(r#"{{"token":"token-{given}"}}"#))))
    });
    let realm = realm.start();
    let challenge = format!("Bearer realm=\"{}\"", realm.url("/token"));
    let mut count = 0;
    let fake = Fake::new().rule(move |request, _| {
        if !request.is("GET", "/v2/team/app/blobs") {
            return None;
        }
        // Each token is good for one request.
        let wanted = format!("Bearer token-{}", count + 1);
        if request.authorization() != Some(&wanted) {
            return Some(Plan::Answer(fake::unauthorized(std::slice::from_ref(&challenge))));
        }
        count += 1;
        Some(Plan::Answer(part(request, &large()).ending(Ending::Cut(1_200_000))))
    });
    let server = fake.start();
    let user = User::logged_in(&server.host());
    assert!(user.pulls_blob(&server.host(), &large()).unwrap() == large());
    assert_eq!(realm.seen().len(), 3);
}
