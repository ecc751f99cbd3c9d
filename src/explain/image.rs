//! The codes of images, of the engines that load them, and of registries.

explanations! {
    /// The codes of images, of the engines that load them and of registries.
    IMAGES:
    COMPARE_MISSING = "compare/missing": "Each side is an image or a recipe that is there, or the name of an image in a registry.",
        "There has to be something to compare.",
        "bimanix diff hello.tar nowhere.tar";
    COMPARE_PLATFORM = "compare/platform": "Both sides have an image for the platform that is asked for.",
        "Nothing can be said of an image that is not there.",
        "bimanix diff --platform linux/riscv64 hello.tar other.tar";
    COMPARE_SCRATCH = "compare/scratch": "What a recipe makes is written into a temporary folder, to be compared file by file.",
        "The two images are read in the same way then.",
        "TMPDIR=/nowhere";
    IMAGE_BROKEN_PART = "image/broken-part": "A part of an image is what its name and the other parts say.",
        "Digests and sizes are how engines know what they have; a part that differs is damaged, or another one.",
        "a layer cut off by a full disk";
    IMAGE_CONFIG = "image/config": "The configuration of the image is one that the specification allows.",
        "It is made here, so this is a mistake of bimanix.",
        "none is known";
    IMAGE_MANY_LAYERS = "image/many-layers": "The image has more layers than docker takes.",
        "The layers of the base are kept one by one, and docker takes 127 in all.",
        "FROM ./image.tar, an image of 126 layers";
    IMAGE_MISSING_PART = "image/missing-part": "An image holds every part that it names.",
        "Engines refuse an image with a part that is not there.",
        "a layout folder without one of its blobs";
    IMAGE_NOT_AN_IMAGE = "image/not-an-image": "`inspect` and `load` are given an image.",
        "Others than OCI archives, docker archives, OCI image layouts and folders of skopeo's `dir:` are not read.",
        "bimanix inspect hello.hvt";
    IMAGE_NOT_ONE = "image/not-one": "`push`, and `load` of a layout, are given one image that has a manifest.",
        "A docker archive has none, and a push has one tag.",
        "a tar of docker save of old";
    IMAGE_OUTPUT = "image/output": "The output can be written.",
        "A disk may be full, a folder may be missing or not be yours, and whoever reads a pipe may end too early.",
        "bimanix build -o /nowhere/result";
    IMAGE_READ = "image/read": "The image can be read.",
        "What cannot be read cannot be shown.",
        "bimanix inspect ./nothing";
    IMAGE_SOURCE = "image/source": "A file stays readable while the image is built.",
        "It was there when the build began.",
        "a file that is removed during the build";
    IMAGE_SOURCE_CHANGED = "image/source-changed": "A file stays the same while the image is built.",
        "The image would hold a part of the old and a part of the new file.",
        "a log that grows during the build";
    IMAGE_STOPPED = "image/stopped": "A build goes on to its end.",
        "Another part of it has failed, which is reported in its place.",
        "none is known";
    IMAGE_TOO_LARGE = "image/too-large": "Reading an image takes no more memory than 256 MiB, and unpacks no more than `--max-unpacked`.",
        "A few bytes can claim to be many; what is kept of names, links and JSON is paid for before it is kept.",
        "a megabyte of gzip with a million long names";
    IMAGE_UNKEPT_LAYER = "image/unkept-layer": "A layer of a base is one that an OCI image can have.",
        "Layers are kept byte for byte, and engines unpack what the media type says: plain tar, gzip or zstd.",
        "a base that docker saved with layers packed with xz";
    IMAGE_WRONG_BLOB = "image/wrong-blob": "A layer of a base image has the bytes that its digest says.",
        "A digest names exactly one content; a file that was damaged or replaced would make another image.",
        "a base archive in which a byte was changed";
    INDEX_NAME = "index/name": "All images of an index have one name, or it gets one by `--tag`.",
        "Engines and registries find the index by its name, and the images through it.",
        "bimanix index hello.tar redis.tar";
    INDEX_PLATFORM = "index/platform": "An index leads to several images, each for another platform.",
        "An engine takes the one that is for its own platform.",
        "bimanix index hello.tar hello-again.tar";
    LOAD_FAILED = "load/failed": "The engine takes the image.",
        "Its client has said why it does not, or has ended before it had read the image.",
        "a daemon that does not run";
    LOAD_NAMESPACE = "load/namespace": "A namespace is one of containerd.",
        "docker and podman have none.",
        "bimanix load --into docker --namespace k8s.io";
    LOAD_NO_CLIENT = "load/no-client": "The engine's client is on the PATH.",
        "The image is given to the engine by its own client.",
        "bimanix load --into podman, without podman";
    LOAD_NO_NAME = "load/no-name": "A layout says what its image is called.",
        "An engine keeps an image by its name; a tag alone is none.",
        "a layout that skopeo has written";
    PUSH_COMPRESSED = "push/compressed": "The layers of an image that is there are pushed as they are.",
        "Its manifest has their digests, and the digest of the image is that of the manifest.",
        "bimanix push --compression zstd result";
    PUSH_MOUNT = "push/mount": "Blobs are mounted from another repository of the same registry.",
        "A registry looks for them in itself alone.",
        "bimanix push --mount-from other.example/base . registry.example/hello:v1";
    PUSH_REFERENCE = "push/reference": "A place to push to is REGISTRY/NAME:TAG.",
        "It is what engines pull from.",
        "bimanix push args.nix Registry/X";
    REGISTRY_ADDRESS = "registry/address": "A registry is a host, and maybe a port.",
        "Everything else of where an image is comes behind it.",
        "registry.example:99999";
    REGISTRY_BUSY = "registry/busy": "The registry can do what it is asked.",
        "It says itself that it cannot do it now, and was asked several times.",
        "a registry that answers 503";
    REGISTRY_CACHE = "registry/cache": "What was pulled can be kept.",
        "It is kept by its digest, so that it is fetched once, and is there without a network.",
        "XDG_CACHE_HOME=/nowhere";
    REGISTRY_CERTIFICATE = "registry/certificate": "The certificate of the registry is trusted.",
        "Without that, somebody else could answer in its place, and be given the login.",
        "a registry with a certificate of its own authority, without `--ca`";
    REGISTRY_CERTIFICATES = "registry/certificates": "The file of `--ca` holds certificates in PEM.",
        "They are what the certificate of the registry is checked with.",
        "--ca registry.key";
    REGISTRY_CUT = "registry/cut": "A connection lasts until the answer has come.",
        "The registry, or something on the way, has closed it.",
        "a registry that is restarted";
    REGISTRY_FAILED = "registry/failed": "What can pass is done after some attempts.",
        "The last attempt failed as is said.",
        "a registry that answers 503";
    REGISTRY_LOCATION = "registry/location": "A registry sends on to a place that may be gone to.",
        "Nothing leaves TLS, no login goes to another host, and a request stays what it is.",
        "`Location: http://…` behind a proxy that does TLS";
    REGISTRY_LOGIN = "registry/login": "A login that the registry wants is known.",
        "Logins are those of docker and podman; they are for one registry, and go to no other.",
        "a push without `docker login`";
    REGISTRY_LOGINS = "registry/logins": "The files with logins can be read.",
        "What cannot be read in them is left out, so a login may be missed.",
        r#"{ "auths": { "registry.example": null } }"#;
    REGISTRY_MISSING = "registry/missing": "The registry has what it is asked for.",
        "A tag may be gone; some registries say the same to who may not read.",
        "registry.example/hello:v9";
    REGISTRY_NONSENSE = "registry/nonsense": "What answers is a registry.",
        "Something else may listen at that port.",
        "a push to a mail server";
    REGISTRY_NOT_A_MANIFEST = "registry/not-a-manifest": "What has a tag is an image.",
        "Registries keep other things as well; manifests and indexes of OCI and of docker are read.",
        "a tag that docker before 1.10 has pushed";
    REGISTRY_OUTPUT = "registry/output": "What is pulled can be written.",
        "A disk may be full.",
        "none is known";
    REGISTRY_PROXY = "registry/proxy": "A proxy that the environment names can be used.",
        "Registries are reached through it, but for those on this machine and those in `no_proxy`.",
        "https_proxy=gopher://x";
    REGISTRY_REFUSED = "registry/refused": "The registry does what it is asked.",
        "It says itself why it does not.",
        "a push to somebody else's repository";
    REGISTRY_TIMEOUT = "registry/timeout": "A registry does something within the limits.",
        "Otherwise one that does nothing would be waited for without end.",
        "--answer-timeout 1, and a registry that takes two seconds";
    REGISTRY_TOO_LARGE = "registry/too-large": "A manifest has at most 4 MiB.",
        "That is what registries have to take; more would be read into memory without need.",
        "a registry that sends without end";
    REGISTRY_UNREACHABLE = "registry/unreachable": "The registry can be reached.",
        "Its name must have an address, something must listen there, and speak TLS unless it is on this machine.",
        "a registry that does not run";
    REGISTRY_WRONG_BYTES = "registry/wrong-bytes": "What is pulled has the digest and the size that were asked for.",
        "Something else would be another image; nothing of it is kept.",
        "a registry that sends damaged blobs";
    REGISTRY_WRONG_DIGEST = "registry/wrong-digest": "The registry keeps the bytes that were sent.",
        "An image that differs would be refused by whoever pulls it.",
        "a registry that answers with another digest";
    VERIFY_DIFFERS = "verify/differs": "The image has the digest of what the recipe makes.",
        "The digest covers every byte of an image: configuration, annotations and files.",
        "bimanix verify hello.tar args.nix # after args.nix has changed";
}
