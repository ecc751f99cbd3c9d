//! What is said of a Containerfile.

explanations! {
    /// The codes of Containerfiles.
    CONTAINERFILES:
    "containerfile/archive": "`ADD` is given no archive.",
        "Docker unpacks one there, and bimanix packs files as they are; `COPY` means the same to both.",
        "ADD rootfs.tar.gz /";
    "containerfile/arguments": "An instruction has arguments.",
        "Without them it says nothing.",
        "ENV";
    "containerfile/base-triggers": "A base has no `ONBUILD` triggers.",
        "Docker would run them in this build, and the file does not show what they do.",
        "FROM node:onbuild";
    "containerfile/build-context": "`--build-context` is `NAME=VALUE`, where the value is a folder, an archive, a layout or a reference.",
        "`FROM NAME` and `COPY --from=NAME` mean it.",
        "bimanix build -f Containerfile --build-context files=https://example.org/files .";
    "containerfile/conflict": "What is copied takes the place of something of its kind: a file that of a file, a folder that of a folder.",
        "Docker refuses anything else, and a folder does not take the place of a symlink to one either.",
        "COPY rootfs /, where rootfs/lib is a folder and /lib of the base is a symlink";
    "containerfile/directive": "A directive is given once, and `# escape=` is a backslash or a backquote.",
        "Docker refuses the file otherwise.",
        "# escape=/";
    "containerfile/empty": "A value that an instruction needs is not empty.",
        "A variable without a value is most often a slip.",
        "FROM $BASE, without ARG BASE";
    "containerfile/empty-line": "An instruction that goes on has no empty line in it.",
        "Docker says that it will refuse such lines one day.",
        "COPY a \\, followed by an empty line";
    "containerfile/flag": "A flag is one that the instruction has, is given once, and has the value that it needs.",
        "Docker refuses others, and takes every first word that begins with `--` for a flag.",
        "COPY --chmdo=0755 init /init";
    "containerfile/from": "`--from` names a stage above this one, or an image.",
        "Stages are made in their order, so that none is made of itself.",
        "COPY --from=later /kernel /kernel, with `FROM scratch AS later` below";
    "containerfile/here-document": "A here-document is announced as `<<NAME` and ends with a line that is its name.",
        "Everything up to that line is its text.",
        "COPY <<EOF /motd, without a line `EOF`";
    "containerfile/ignore-file": "The ignore file can be read.",
        "What it names may not get into the image.",
        "a .dockerignore that is a folder";
    "containerfile/ignored": "A source is not one that the ignore file names.",
        "Ignored files are not part of the build context.",
        "COPY secret /secret, with `secret` in .dockerignore";
    "containerfile/image-or-stage": "`--from` with a name that no stage has means an image.",
        "Docker asks a registry for it, and a slip of a stage's name looks the same.",
        "COPY --from=biuld /kernel /kernel, with a stage `build`";
    "containerfile/input": "The Containerfile can be read, and has at most 16 MiB.",
        "Everything else follows from it.",
        "bimanix build -f ./no/Containerfile";
    "containerfile/json": "What begins with `[` is a JSON array of strings.",
        "Docker takes what is none for the words of a shell without telling.",
        "CMD ['nginx']";
    "containerfile/long-path": "A path in the image has at most 4096 bytes, and a name in it 255.",
        "Linux takes no longer ones.",
        "WORKDIR with a name of 300 letters";
    "containerfile/maintainer": "`MAINTAINER` becomes a label.",
        "Docker has given up the instruction, and OCI has a label for its content.",
        "MAINTAINER someone@example.org";
    "containerfile/missing": "A source is there.",
        "Nothing can be copied from a path that does not exist.",
        "COPY kernle /unikernel/kernel";
    "containerfile/more": "A file has no more than a hundred findings, else the rest of them is not looked for.",
        "More of them are most often the same one.",
        "a file that is no Containerfile";
    "containerfile/no-match": "The sources of an instruction match a file.",
        "A pattern that matches nothing is left out, but an instruction that copies nothing is a slip.",
        "COPY *.hvt /unikernel/, without such a file";
    "containerfile/no-stage": "An instruction other than `ARG` comes behind a `FROM`.",
        "It belongs to a stage, and `FROM` begins one.",
        "COPY kernel /kernel, in the first line";
    "containerfile/not-utf-8": "A Containerfile is UTF-8.",
        "What it says becomes JSON in the image, which has no other bytes.",
        "a file that was saved as UTF-16";
    "containerfile/outside": "A source stays in the build context, behind symlinks too.",
        "An image is made of what its folder holds, so that it is the same everywhere.",
        "COPY ../kernel /kernel";
    "containerfile/pair": "`LABEL` and `ENV` take `name=value`, and `ARG` a name with or without a value.",
        "A word without `=` has no meaning there, and a name is never empty.",
        "LABEL a=1 b";
    "containerfile/pattern": "A pattern is one that Go's filepath.Match takes.",
        "Docker refuses others.",
        "COPY a[ /a";
    "containerfile/platform": "A platform is `os/architecture` or `os/architecture/variant`.",
        "An index lists its images by these words.",
        "FROM --platform=amd64 nginx";
    "containerfile/port": "A port is a number from 1 to 65535, or a range of them, with or without a protocol.",
        "The image lists ports in this form.",
        "EXPOSE http";
    "containerfile/port-of-host": "`EXPOSE` names ports of the container.",
        "Which port of the host leads there is said when the container is started.",
        "EXPOSE 8080:80";
    "containerfile/quote": "A quote ends in the word that it begins in.",
        "Docker refuses the file otherwise.",
        "LABEL a=\"b";
    "containerfile/refused": "`RUN`, `SHELL`, `ONBUILD` and `HEALTHCHECK` are not for images of unikernels.",
        "They need a container that runs, or a process inside of the guest.",
        "RUN make kernel";
    "containerfile/remote": "Files are those of the build context.",
        "What a server answers may change, so that two builds would differ.",
        "ADD https://example.org/kernel /kernel";
    "containerfile/required-variable": "A variable that is written with `?` has a value.",
        "The file says that it cannot do without it.",
        "COPY kernel-${VERSION:?} /kernel, without a version";
    "containerfile/several-sources": "Several sources go to a destination that ends in `/`.",
        "Each would replace the one before, since they would have one name.",
        "COPY a b /x";
    "containerfile/shell-form": "A command that is no JSON array is split into words as a shell does.",
        "Docker gives it to `/bin/sh -c`, and a unikernel has no shell.",
        "CMD nginx -c /nginx.conf";
    "containerfile/shell-syntax": "A command needs no shell.",
        "A unikernel has none, so variables, pipes and the like reach the guest as they are written.",
        "CMD nginx && echo done";
    "containerfile/stage-name": "The name of a stage begins with a letter, and has letters, digits, `-`, `_` and `.`.",
        "Docker refuses others; numbers are the stages themselves.",
        "FROM scratch AS 1st";
    "containerfile/stage-twice": "Stages have different names.",
        "Docker takes the last one that is above, without telling.",
        "FROM scratch AS a, twice";
    "containerfile/substitution": "A variable is written `$name` or `${name}`, with what docker knows behind the name.",
        "Docker refuses others.",
        "LABEL a=${}";
    "containerfile/syntax": "A line is one that its instruction takes.",
        "Docker refuses others.",
        "FROM a b";
    "containerfile/target": "`--target` names a stage.",
        "The image is made of that stage.",
        "bimanix build -f Containerfile --target biuld";
    "containerfile/too-much": "A file stays within limits: 1,000,000 files and values, 64 MiB from variables, 64 levels of `${…}`.",
        "A few lines could otherwise fill the memory.",
        "ENV A=$A$A, fifty times";
    "containerfile/unknown-instruction": "An instruction is one of Docker's reference.",
        "An unknown one is most often a slip.",
        "COYP kernel /kernel";
    "containerfile/unknown-owner": "A folder that `WORKDIR` makes belongs to the user that `USER` names.",
        "A name is looked up in /etc/passwd of the stage; where it is not listed, the folder belongs to root.",
        "USER web, followed by WORKDIR /srv, without /etc/passwd";
    "containerfile/unreadable": "A source can be read by whoever builds.",
        "What cannot be read cannot be packed.",
        "COPY loop /loop, where `loop` is a symlink to itself";
    "containerfile/unset-variable": "A variable has a value.",
        "One without is replaced by nothing, which is most often a slip.",
        "COPY kernel-$VERISON /kernel";
    "containerfile/unused-build-arg": "A `--build-arg` is one that an `ARG` asks for.",
        "Another has no effect.",
        "bimanix build -f Containerfile --build-arg VERISON=1";
    "containerfile/unused-build-context": "A `--build-context` is one that `FROM` or `--from` names.",
        "Another has no effect.",
        "bimanix build -f Containerfile --build-context flies=./files .";
}
