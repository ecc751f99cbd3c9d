//! What is said of a Containerfile.

explanations! {
    /// The codes of Containerfiles.
    CONTAINERFILES:
    CONTAINERFILE_ARCHIVE = "containerfile/archive": "`ADD` is given no archive.",
        "Docker unpacks one there, and bimanix packs files as they are; `COPY` means the same to both.",
        "ADD rootfs.tar.gz /";
    CONTAINERFILE_ARGUMENTS = "containerfile/arguments": "An instruction has arguments.",
        "Without them it says nothing.",
        "ENV";
    CONTAINERFILE_BASE_TRIGGERS = "containerfile/base-triggers": "A base has no `ONBUILD` triggers.",
        "Docker would run them in this build, and the file does not show what they do.",
        "FROM node:onbuild";
    CONTAINERFILE_BUILD_CONTEXT = "containerfile/build-context": "`--build-context` is `NAME=VALUE`, where the value is a folder, an archive, a layout or a reference.",
        "`FROM NAME` and `COPY --from=NAME` mean it.",
        "bimanix build -f Containerfile --build-context files=https://example.org/files";
    CONTAINERFILE_CONFLICT = "containerfile/conflict": "What is copied takes the place of something of its kind: a file that of a file, a folder that of a folder.",
        "Docker refuses anything else, and a folder does not take the place of a symlink to one either.",
        "COPY rootfs /, where rootfs/lib is a folder and /lib of the base is a symlink";
    CONTAINERFILE_DIRECTIVE = "containerfile/directive": "A directive is given once, and `# escape=` is a backslash or a backquote.",
        "Docker refuses the file otherwise.",
        "# escape=/";
    CONTAINERFILE_EMPTY = "containerfile/empty": "An instruction that needs a value has one.",
        "An empty one most often comes from a variable that is not set.",
        "FROM $BASE, without ARG BASE";
    CONTAINERFILE_EMPTY_LINE = "containerfile/empty-line": "An instruction that goes on over several lines has no empty line in it.",
        "Docker warns that it will refuse such lines one day.",
        "COPY a \\, followed by an empty line";
    CONTAINERFILE_FLAG = "containerfile/flag": "A flag is one that the instruction has, is given once, and has the value that it needs.",
        "Docker refuses others, and takes every first word that begins with `--` for a flag.",
        "COPY --chmdo=0755 init /init";
    CONTAINERFILE_FROM = "containerfile/from": "`--from` names a stage above this one, or an image.",
        "Stages are made in their order, so that none is made of itself.",
        "COPY --from=later /kernel /kernel, with `FROM scratch AS later` below";
    CONTAINERFILE_HERE_DOCUMENT = "containerfile/here-document": "A here-document is announced as `<<NAME` and ends with a line that is its name.",
        "Everything up to that line is its text.",
        "COPY <<EOF /motd, without a line `EOF`";
    CONTAINERFILE_IGNORE_FILE = "containerfile/ignore-file": "The ignore file can be read.",
        "What it names may not get into the image.",
        "a .dockerignore that is a folder";
    CONTAINERFILE_IGNORED = "containerfile/ignored": "A source is not one that the ignore file names.",
        "Ignored files are not part of the build context.",
        "COPY secret /secret, with `secret` in .dockerignore";
    CONTAINERFILE_IMAGE_OR_STAGE = "containerfile/image-or-stage": "`--from` with a name that is not a stage's means an image.",
        "A typing mistake in the name of a stage looks the same.",
        "COPY --from=biuld /kernel /kernel, with a stage `build`";
    CONTAINERFILE_INPUT = "containerfile/input": "The Containerfile can be read, and has at most 16 MiB.",
        "Everything else follows from it.",
        "bimanix build -f ./no/Containerfile";
    CONTAINERFILE_JSON = "containerfile/json": "What begins with `[` is a JSON array of strings.",
        "Docker takes anything else for a shell command, and does not say so.",
        "CMD ['nginx']";
    CONTAINERFILE_LONG_LINE = "containerfile/long-line": "A line has at most 65535 bytes.",
        "Docker refuses longer ones.",
        "LABEL a=\"…\", with a megabyte of text in it";
    CONTAINERFILE_LONG_PATH = "containerfile/long-path": "A path in the image has at most 4096 bytes, and a name in it 255.",
        "Linux takes no longer ones.",
        "WORKDIR with a name of 300 letters";
    CONTAINERFILE_MAINTAINER = "containerfile/maintainer": "`MAINTAINER` becomes a label.",
        "Docker has deprecated the instruction, and OCI has a label for what it says.",
        "MAINTAINER someone@example.org";
    CONTAINERFILE_MISSING = "containerfile/missing": "A source exists.",
        "Nothing can be copied from a path that does not exist.",
        "COPY kernle /unikernel/kernel";
    CONTAINERFILE_MORE = "containerfile/more": "A file has at most a hundred problems; more of them are not shown.",
        "Where there are more, most are often the same one.",
        "a file that is not a Containerfile";
    CONTAINERFILE_NO_MATCH = "containerfile/no-match": "The sources of an instruction match a file.",
        "A pattern may match nothing, but an instruction that copies nothing is a mistake.",
        "COPY *.hvt /unikernel/, without such a file";
    CONTAINERFILE_NO_STAGE = "containerfile/no-stage": "Every instruction but `ARG` comes after a `FROM`.",
        "It belongs to a stage, and `FROM` begins one.",
        "COPY kernel /kernel, in the first line";
    CONTAINERFILE_NOT_UTF_8 = "containerfile/not-utf-8": "A Containerfile is UTF-8.",
        "Labels and variables become JSON in the image, which is UTF-8.",
        "a file that was saved as UTF-16";
    CONTAINERFILE_OUTSIDE = "containerfile/outside": "A source is inside the build context, also when symlinks are followed.",
        "An image is made of what its folder holds, so that it is the same everywhere.",
        "COPY ../kernel /kernel";
    CONTAINERFILE_PAIR = "containerfile/pair": "`LABEL` and `ENV` take `name=value`, and `ARG` a name with or without a value.",
        "A word without `=` has no meaning there, and a name is never empty.",
        "LABEL a=1 b";
    CONTAINERFILE_PATTERN = "containerfile/pattern": "A pattern is one that Go's filepath.Match takes.",
        "Docker refuses others.",
        "COPY a[ /a";
    CONTAINERFILE_PLATFORM = "containerfile/platform": "A platform is `os/architecture` or `os/architecture/variant`.",
        "An index lists its images by these words.",
        "FROM --platform=amd64 nginx";
    CONTAINERFILE_PORT = "containerfile/port": "A port is a number from 1 to 65535, or a range of them, with or without a protocol.",
        "The image lists ports in this form.",
        "EXPOSE http";
    CONTAINERFILE_PORT_OF_HOST = "containerfile/port-of-host": "`EXPOSE` names ports of the container.",
        "The port of the host is chosen when the container is started.",
        "EXPOSE 8080:80";
    CONTAINERFILE_QUOTE = "containerfile/quote": "A quote is closed in the word that it is opened in.",
        "Docker refuses the file otherwise.",
        "LABEL a=\"b";
    CONTAINERFILE_REFUSED = "containerfile/refused": "`RUN`, `SHELL`, `ONBUILD` and `HEALTHCHECK` have no use in the image of a unikernel.",
        "They need a running container, a shell, or a second process in the guest.",
        "RUN make kernel";
    CONTAINERFILE_REMOTE = "containerfile/remote": "Files come from the build context, from stages and from images.",
        "What a server answers may change, so that two builds would differ.",
        "ADD https://example.org/kernel /kernel";
    CONTAINERFILE_REQUIRED_VARIABLE = "containerfile/required-variable": "A variable that is written with `?` has a value.",
        "The file says that it is required.",
        "COPY kernel-${VERSION:?} /kernel, without a version";
    CONTAINERFILE_SEVERAL_SOURCES = "containerfile/several-sources": "Several sources go to a destination that ends in `/`.",
        "Each would replace the one before, since they would have one name.",
        "COPY a b /x";
    CONTAINERFILE_SHELL_FORM = "containerfile/shell-form": "A command that is not a JSON array is split into words, as a shell does.",
        "Docker gives it to `/bin/sh -c`, and a unikernel has no shell.",
        "CMD nginx -c /nginx.conf";
    CONTAINERFILE_SHELL_SYNTAX = "containerfile/shell-syntax": "A command needs no shell.",
        "A unikernel has none, so variables, pipes and the like reach the guest as they are written.",
        "CMD nginx && echo done";
    CONTAINERFILE_STAGE_NAME = "containerfile/stage-name": "The name of a stage begins with a letter, and has letters, digits, `-`, `_` and `.`.",
        "Docker refuses others; numbers are the stages themselves.",
        "FROM scratch AS 1st";
    CONTAINERFILE_STAGE_TWICE = "containerfile/stage-twice": "Stages have different names.",
        "Docker takes the last one that is above, without telling.",
        "FROM scratch AS a, twice";
    CONTAINERFILE_SUBSTITUTION = "containerfile/substitution": "A variable is written `$name` or `${name}`, with an operator that docker knows.",
        "Docker refuses others.",
        "LABEL a=${}";
    CONTAINERFILE_SYNTAX = "containerfile/syntax": "A line is one that its instruction takes.",
        "Docker refuses others.",
        "FROM a b";
    CONTAINERFILE_TARGET = "containerfile/target": "`--target` names a stage.",
        "The image is made of that stage.",
        "bimanix build -f Containerfile --target biuld";
    CONTAINERFILE_TOO_MUCH = "containerfile/too-much": "A file stays within limits: 1,000,000 files and values, 64 MiB from variables, 64 levels of `${…}`.",
        "A few lines could otherwise fill the memory.",
        "ENV A=$A$A, fifty times";
    CONTAINERFILE_UNKNOWN_INSTRUCTION = "containerfile/unknown-instruction": "An instruction is one of Docker's reference.",
        "An unknown one is most often a slip.",
        "COYP kernel /kernel";
    CONTAINERFILE_UNKNOWN_OWNER = "containerfile/unknown-owner": "A folder that `WORKDIR` makes belongs to the user that `USER` names.",
        "A name is looked up in /etc/passwd of the stage; where it is not listed, the folder belongs to root.",
        "USER web, followed by WORKDIR /srv, without /etc/passwd";
    CONTAINERFILE_UNREADABLE = "containerfile/unreadable": "A source can be read by whoever builds.",
        "What cannot be read cannot be packed.",
        "COPY loop /loop, where `loop` is a symlink to itself";
    CONTAINERFILE_UNSET_VARIABLE = "containerfile/unset-variable": "A variable has a value.",
        "One without is replaced by nothing, which is most often a slip.",
        "COPY kernel-$VERISON /kernel";
    CONTAINERFILE_UNUSED_BUILD_ARG = "containerfile/unused-build-arg": "A `--build-arg` is one that an `ARG` asks for.",
        "Another has no effect.",
        "bimanix build -f Containerfile --build-arg VERISON=1";
    CONTAINERFILE_UNUSED_BUILD_CONTEXT = "containerfile/unused-build-context": "A `--build-context` is one that `FROM` or `--from` names.",
        "Another has no effect.",
        "bimanix build -f Containerfile --build-context flies=./files";
}
