//! The codes of recipes, of the files that they name, and of `init`.

explanations! {
    /// The codes of recipes and of the files that they name.
    RECIPES:
    FILES_BASE = "files/base": "The base is not among the files of the image.",
        "An image has all that is in its base already; the archive would only make it twice as large.",
        r#"files."./." = "/data"; with the base in the same folder"#;
    FILES_BELOW_FILE = "files/below-file": "A path in the image cannot lie below a file.",
        "A file has no folder in it, so the one of the two that comes second could not be unpacked.",
        r#"files = { "a" = "/x"; "b" = "/x/b"; };"#;
    FILES_DESTINATION = "files/destination": "A destination is an absolute path without `..`, NUL and whiteout names.",
        "Engines unpack layers below a root, and read names that begin with `.wh.` as removals.",
        r#"files."kernel" = "unikernel/kernel";"#;
    FILES_EMPTY_SOURCE = "files/empty-source": "A source has a name.",
        "An empty one would mean the whole folder of args.nix, which is hardly ever meant.",
        r#"files."" = "/x";"#;
    FILES_MISSING = "files/missing": "A source is there.",
        "Nothing can be packed from a path that does not exist.",
        r#"files."./kernle" = "/unikernel/kernel";"#;
    FILES_NAME = "files/name": "A file that goes into a folder has a name that can stand in an image.",
        "Without a name, or with one that engines read as a removal, it could not be unpacked.",
        r#"files."./.wh.x" = "/data/";"#;
    FILES_NOT_IN_IMAGE = "files/not-in-image": "What `binary`, `initrd` and `block` name is a file of the image.",
        "urunc looks for it in the unpacked image and fails to start the container without it.",
        r#"binary = "/unikernel/kernle";"#;
    FILES_OUTPUT = "files/output": "Neither a source nor the base is where the image is being written.",
        "Each build would pack the one before, or build on it, so no two would be the same.",
        r#"files."./." = "/data"; with the output in the same folder"#;
    FILES_OUTSIDE = "files/outside": "A relative source stays below the folder of args.nix, behind symlinks too.",
        "An image is made of what its folder holds, so that it is the same everywhere.",
        r#"files."../kernel" = "/unikernel/kernel";"#;
    FILES_OVER_FOLDER = "files/over-folder": "A file goes where the base has a folder.",
        "It would take the folder's place, with everything in it.",
        r#"files."./hosts" = "/etc";, on a base with a folder /etc"#;
    FILES_ROOT = "files/root": "A file cannot be the root of the image.",
        "The root is a folder; the content of a folder can be put there with `/.`.",
        r#"files."./kernel" = "/.";"#;
    FILES_SPECIAL = "files/special": "A source is a file, a folder or a symlink.",
        "A FIFO, a socket or a device has no content that could be packed.",
        r#"files."/dev/kvm" = "/kvm";"#;
    FILES_TWICE = "files/twice": "A path in the image comes from one source.",
        "Of two, the later would hide the other, and which one that is should not be left to chance.",
        r#"files = { "a" = "/x"; "b" = "/x"; };"#;
    FILES_UNREADABLE = "files/unreadable": "A source can be read by whoever builds.",
        "A Nix build runs as a user of its own, which sees the store and little else.",
        r#"files."./secret" = "/secret"; with mode 0600 and another owner"#;
    FILES_URUNC_JSON = "files/urunc-json": "`/urunc.json` belongs to bimanix.",
        "urunc reads it, so it must say the same as the annotations.",
        r#"files."./urunc.json" = "/urunc.json";"#;
    INIT_INPUT = "init/input": "The boot files given to `init` can be read.",
        "What cannot be read cannot be described.",
        "bimanix init ./nothing";
    INIT_MONITOR = "init/monitor": "The kernel is built for a monitor that urunc starts.",
        "Solo5 also builds for muen, genode and xen, which urunc does not know.",
        "bimanix init hello.muen";
    INIT_NO_KERNEL = "init/no-kernel": "An initrd and a block image come with a kernel.",
        "Guest and monitor follow from the kernel.",
        "bimanix init --initrd initrd.cpio";
    INIT_OF_IMAGE = "init/of-image": "An image says what its boot files are: by urunc's annotations, or by the marks of Unikraft's tools.",
        "An args.nix that builds on it names those, and no others.",
        "bimanix init nginx.tar, the image of an ordinary container";
    INIT_OUTPUT = "init/output": "`init` writes a new file.",
        "An args.nix that is there was written by somebody.",
        "bimanix init, twice";
    INIT_UNKNOWN_GUEST = "init/unknown-guest": "The kernel carries the marks of a guest that urunc runs.",
        "Without them nothing could be filled in but guesses.",
        "bimanix init /bin/true";
    RECIPE_ALLOW = "recipe/allow": "`allow` lists codes that begin with `urunc/` or `unikernel/`.",
        "What urunc does with an image is yours to decide; what cannot be packed is not.",
        r#"allow = [ "files/missing" ];"#;
    RECIPE_ARCHITECTURE = "recipe/architecture": "`architecture` is a name that OCI images use.",
        "Engines compare it with their own and refuse to run an image of another.",
        r#"architecture = "x86_64";"#;
    RECIPE_ARCHITECTURES = "recipe/architectures": "`architectures` has a set for each architecture, and the image has one name, tag and time for all.",
        "One index leads to all of them, and engines choose by the architecture alone.",
        "architectures.arm64 = { name = \"hello-arm\"; };";
    RECIPE_ARGUMENT = "recipe/argument": "An `--arg` is an argument that the file takes.",
        "One that nothing takes is most often a slip of its name.",
        "bimanix build --argstr tga v1";
    RECIPE_BASE = "recipe/base": "Where nothing is pulled, an image is an archive or a layout folder.",
        "A build of Nix has no network; what it builds on is in the store before.",
        r#"base = "harbor.io/x/nginx@sha256:…"; # in a build of Nix"#;
    RECIPE_CMDLINE_QUOTE = "recipe/cmdline-quote": "A quote in `cmdline` ends.",
        "The words of the command line become `Cmd`, split as a shell does.",
        r#"cmdline = "echo 'a";"#;
    RECIPE_CREATED = "recipe/created": "`created` is a number of seconds since 1970, or a time in RFC 3339.",
        "The image records it; \"now\" would make every build another image.",
        r#"created = "now";"#;
    RECIPE_ENV = "recipe/env": "A variable has a name, `=` and a value without NUL.",
        "Runtimes refuse others, or drop them without a word.",
        r#"env = [ "PATH" ];"#;
    RECIPE_INPUT = "recipe/input": "The args.nix can be read.",
        "Everything else follows from it.",
        "bimanix build ./no/args.nix";
    RECIPE_LINK = "recipe/link": "A symlink points to something.",
        "Linux has no symlink without a target.",
        r#"files."init" = { path = "/init"; link = ""; };"#;
    RECIPE_MISSING_FIELD = "recipe/missing-field": "`name` and `annotations` are there.",
        "An image has a name, and urunc runs nothing without annotations.",
        r#"{ name = "hello"; }"#;
    RECIPE_MISSING_IMAGE = "recipe/missing-image": "An image written as a set has an `image`.",
        "It says where the image is: a file, a folder or a reference.",
        r#"base = { platform = "linux/amd64"; };"#;
    RECIPE_MISSING_PATH = "recipe/missing-path": "A destination written as a set has a `path`.",
        "It says where in the image the file goes.",
        r#"files."kernel" = { mode = "0644"; };"#;
    RECIPE_MODE = "recipe/mode": "`mode` is an octal number up to 7777, as a string.",
        "Nix has no octal numbers, so 0644 as a number would mean another mode.",
        "mode = 644;";
    RECIPE_NAME = "recipe/name": "`name` is a repository name as registries take it.",
        "Upper case, doubled separators and the like are refused by every registry.",
        r#"name = "Hello";"#;
    RECIPE_NOT_CHECKED = "recipe/not-checked": "Every field of an args.nix can be checked.",
        "What depends on an undefined variable or another error has no value, so its own mistakes do not show yet.",
        "tag = version; # where no version is defined";
    RECIPE_NOT_UTF_8 = "recipe/not-utf-8": "A string is UTF-8.",
        "The image says it in JSON, which has no other bytes.",
        r#"cmdline = builtins.substring 0 1 "é";"#;
    RECIPE_OWNER = "recipe/owner": "`uid` and `gid` are numbers from 0 to 4294967294.",
        "An image has no other owners: 4294967295 is -1 to the system, which means that the owner stays as it is.",
        "uid = -1;";
    RECIPE_PLATFORM = "recipe/platform": "No one image of the base is for the platform that is meant.",
        "An image can be there for several platforms; which one is taken never depends on the machine that builds.",
        r#"base = { image = ./nginx.tar; platform = "linux/s390x"; };"#;
    RECIPE_PORT = "recipe/port": "A port is a number from 1 to 65535, with `/tcp`, `/udp` or `/sctp` behind it or nothing.",
        "Engines take no other ports of an image.",
        r#"ports = [ "http" ];"#;
    RECIPE_REMOVE = "recipe/remove": "A path cannot be removed from the base.",
        "What is removed has to be there; the layer that removes it names it.",
        r#"remove = [ "/etc/nginx.cnf" ];"#;
    RECIPE_STOP_SIGNAL = "recipe/stop-signal": "`stopSignal` is a signal of Linux, by its name or its number.",
        "Engines send no other signals.",
        r#"stopSignal = "SIGEND";"#;
    RECIPE_TAG = "recipe/tag": "`tag` has up to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.",
        "Registries take no other tags.",
        r#"tag = "-1";"#;
    RECIPE_TWO_CONTENTS = "recipe/two-contents": "What is put at a path comes from one source.",
        "A destination says `source`, `image`, `text`, `link` or `folder`, or none of them: then its key is the source. \
         With `image`, `source` is a path in it.",
        r#"files."motd" = { path = "/etc/motd"; source = ./motd; text = "hello"; };"#;
    RECIPE_TYPE = "recipe/type": "A field has the type that the documentation gives.",
        "Nothing is converted behind your back.",
        "name = 1;";
    RECIPE_UNKNOWN_FIELD = "recipe/unknown-field": "A field is one of those documented.",
        "An unknown one is most often a slip, and would have no effect.",
        r#"nmae = "hello";"#;
    RECIPE_URUNC_LABEL = "recipe/urunc-label": "`labels` holds no label of urunc.",
        "urunc's values are written as labels already, and must be the same everywhere.",
        r#"labels."com.urunc.unikernel.binary" = "/k";"#;
    RECIPE_VOLUME = "recipe/volume": "A volume is an absolute path.",
        "The runtime specification wants one. runc takes another one below the root, and says that it may not do so for ever.",
        r#"volumes = [ "data" ];"#;
    RECIPE_WORKING_DIR = "recipe/working-dir": "`workingDir` is an absolute path.",
        "Runtimes refuse a relative one.",
        r#"workingDir = "srv";"#;
}
