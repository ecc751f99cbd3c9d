//! The codes of builds by BuildKit.

explanations! {
    /// The codes of builds by BuildKit.
    BUILDKIT:
    BUILDKIT_CONNECTION = "buildkit/connection": "`bimanix frontend` is started by BuildKit.",
        "It speaks BuildKit's protocol on standard input and output, and nobody else does.",
        "bimanix frontend, in a shell";
    BUILDKIT_IMAGE = "buildkit/image": "The image of a frontend is made of a static program.",
        "It has that one file and no libraries, so that nothing else in it has to be kept up to date.",
        "bimanix frontend --image frontend.tar, by a program that is linked to libc.so";
    BUILDKIT_OPTION = "buildkit/option": "A build asks for what the frontend can do.",
        "What it cannot do would be missing in the result without a word.",
        "docker build --call=outline .";
    BUILDKIT_PLATFORM = "buildkit/platform": "`--platform` is the one platform that the kernel is for.",
        "The image would be pulled by machines that cannot run it.",
        "docker build --platform linux/arm64 . for an amd64 kernel";
    BUILDKIT_SOURCE = "buildkit/source": "What an image is made of is where BuildKit can get it.",
        "That is the folder that is built, and registries, for an image with a digest.",
        "bimanix build --llb, with base = ./base.tar;";
    BUILDKIT_SOLVE = "buildkit/solve": "BuildKit takes the operations that make the image.",
        "A release that is too old lacks one of them.",
        "a BuildKit before 0.6";
    BUILDKIT_TOO_LARGE = "buildkit/too-large": "The description of an image fits into one request.",
        "It names every file, and holds those whose text is in the file that is built; BuildKit takes requests of 4 MiB.",
        "a heredoc of 5 MiB";
}
