//! What is said of an expression, of a command, and of the machine it runs on.

explanations! {
    /// The codes of the language, the command line, the Nix store and the builder.
    RUNNING:
    BUILDER_ATTRIBUTES = "builder/attributes": "`bimanix builder` is run by Nix, as the builder of a derivation of `buildImage`.",
        "Everything it needs is in the attributes of the derivation.",
        "bimanix builder, in a shell";
    BUILDER_DISAGREEMENT = "builder/disagreement": "Nix and bimanix come to the same value of an args.nix.",
        "Nix has looked for the files by its value, and the image is made by the other.",
        "tag = builtins.nixVersion;";
    BUILDER_REFERENCE = "builder/reference": "An image that Nix builds on is in the store.",
        "A build has no network; what Nix fetches is fixed by its hash.",
        r#"base = "harbor.io/x/nginx@sha256:…"; # built by Nix"#;
    CLI_ATTR = "cli/attr": "The path after `-A` leads to an attribute of a set, or to an element of a list.",
        "There would be nothing to print.",
        "bimanix eval -E '{ a = 1; }' -A b";
    CLI_EXPLAIN = "cli/explain": "`explain` is given a code that is printed in a message.",
        "Others have no meaning.",
        "bimanix explain urunc/pth";
    CLI_FLAG = "cli/flag": "A flag has no effect on the text that is built.",
        "`--build-arg`, `--build-context` and `--target` are for Containerfiles, `--arg` and `--argstr` for an args.nix.",
        "bimanix build args.nix --target web";
    CLI_LAYOUT = "cli/layout": "A layout is written to a folder.",
        "Standard output takes one stream of bytes, and a layout has several files.",
        "bimanix build --format layout -o -";
    CLI_RAW = "cli/raw": "`--raw` prints a string or a path.",
        "Other values have no bytes of their own.",
        "bimanix eval -E '[ 1 ]' --raw";
    CLI_SOURCE_DATE_EPOCH = "cli/source-date-epoch": "`SOURCE_DATE_EPOCH` is a number of seconds since 1970, or not set.",
        "It becomes the time of the image and of its files.",
        "SOURCE_DATE_EPOCH=yesterday bimanix build";
    CLI_TERMINAL = "cli/terminal": "An image is written to a file or into a pipe.",
        "A terminal would show its bytes, and obey some of them.",
        "bimanix build -o -, without a pipe behind it";
    CONVERT_EMPTY_COMMAND = "convert/empty-command": "A command that is empty takes nothing away from the base.",
        "In an args.nix an empty list is as if it were not given, so that published files keep their meaning.",
        "CMD []";
    CONVERT_IMAGE_REPLACED = "convert/image-replaced": "What is copied from an image is not replaced afterwards.",
        "An args.nix says each path once, and takes a folder of an image as a whole.",
        "COPY nginx.conf /etc/nginx/nginx.conf # behind COPY --from=nginx /etc/nginx /etc/nginx";
    CONVERT_INPUT = "convert/input": "`convert` is given a Containerfile.",
        "An args.nix is what it writes.",
        "bimanix convert args.nix";
    CONVERT_NAME = "convert/name": "The folder of the files has a name that can be one of an image.",
        "The image is called after it, unless `--tag` names it.",
        "bimanix convert /Containerfile";
    CONVERT_NOT_TEXT = "convert/not-text": "Names and texts are UTF-8 without NUL bytes.",
        "An args.nix is a text, and its strings have no NUL.",
        "COPY *.conf /etc/ # where a name is not UTF-8";
    CONVERT_OUTPUT = "convert/output": "`convert` writes a new file.",
        "An args.nix that is there was written by somebody.",
        "bimanix convert, twice";
    CONVERT_TOO_MANY_FILES = "convert/too-many-files": "Folders are not replaced in thousands of places.",
        "An args.nix says each path once, so a folder of which a part is replaced is said by its parts.",
        "COPY other /usr # behind COPY usr /usr, with the same 20,000 files";
    EVAL_ABORT = "eval/abort": "No `abort` is reached.",
        "The file ends its evaluation there, and nothing can catch that.",
        "bimanix eval -E 'abort \"no\"'";
    EVAL_ARGUMENT = "eval/argument": "A builtin is given a value that it can use.",
        "Its type is right, but it breaks a rule of that builtin, which the message says.",
        "bimanix eval -E 'builtins.elemAt [ 1 ] 5'";
    EVAL_ASSERTION = "eval/assertion": "The condition of an `assert` is true.",
        "The file asks for it before it goes on.",
        "bimanix eval -E 'assert 1 == 2; 3'";
    EVAL_CALL_DEPTH = "eval/call-depth": "Calls are nested no deeper than `--max-call-depth` allows.",
        "A function that calls itself without end would only stop where the memory ends.",
        "bimanix eval -E 'let f = n: 1 + f n; in f 1' --max-call-depth 99";
    EVAL_DIVISION_BY_ZERO = "eval/division-by-zero": "A divisor is not zero.",
        "There is no such number; Nix refuses it too.",
        "bimanix eval -E '1 / 0'";
    EVAL_DUPLICATE_ATTRIBUTE = "eval/duplicate-attribute": "An attribute is given once in a set.",
        "Nix refuses the file. Only sets that are written out are merged.",
        "bimanix eval -E '{ a = 1; a = 2; }'";
    EVAL_INFINITE_RECURSION = "eval/infinite-recursion": "A value does not need itself.",
        "It would never be known.",
        "bimanix eval -E 'let x = x; in x'";
    EVAL_IO = "eval/io": "A file that is imported, read or named in a string is there and can be read.",
        "Its content is a part of the value.",
        "bimanix eval -E 'import ./missing.nix'";
    EVAL_MALFORMED = "eval/malformed": "A text that a builtin reads is what that builtin takes: JSON, TOML, a regular expression and so on.",
        "It has a grammar of its own.",
        "bimanix eval -E 'builtins.fromJSON \"{\"'";
    EVAL_MISSING_ARGUMENT = "eval/missing-argument": "A function is called with every argument that has no default.",
        "It would use a value that nobody has given.",
        "bimanix eval -E '({ a, b }: a) { a = 1; }'";
    EVAL_MISSING_ATTRIBUTE = "eval/missing-attribute": "An attribute that is selected is in its set.",
        "`set.a or default` says what to take in its place.",
        "bimanix eval -E '{ a = 1; }.b'";
    EVAL_NOT_TEXT = "eval/not-text": "What is put into a string has a text.",
        "That is a string, a path, or a set with `outPath` or `__toString`; nothing else becomes one by itself.",
        "bimanix eval -E '\"${1}\"'";
    EVAL_OPERANDS = "eval/operands": "An operator is given values that it works on.",
        "Nix adds, compares and joins only values of certain types.",
        "bimanix eval -E '1 + { }'";
    EVAL_OUT_OF_MEMORY = "eval/out-of-memory": "An evaluation takes no more memory than `--max-memory` allows.",
        "Without a limit, a value without end would take the whole machine.",
        "bimanix eval -E 'builtins.genList (x: [ x ]) 9000000' --max-memory 64M";
    EVAL_OVERFLOW = "eval/overflow": "An integer has 64 bits.",
        "A result that does not fit is an error, as in Nix since 2.25.",
        "bimanix eval -E '9223372036854775807 + 1'";
    EVAL_SEARCH_PATH = "eval/search-path": "`<name>` is found in a folder that `-I` names.",
        "There are no others: NIX_PATH is not read, so that the result is the same everywhere.",
        "bimanix eval -E 'import <nixpkgs> { }'";
    EVAL_SYNTAX = "eval/syntax": "A file is an expression of the Nix language, in UTF-8.",
        "What does not follow its grammar has no value.",
        "bimanix eval -E '{ a = 1 }'";
    EVAL_THROW = "eval/throw": "No `throw` is reached.",
        "The file says itself what is wrong; `builtins.tryEval` catches it.",
        "bimanix eval -E 'throw \"no\"'";
    EVAL_TOO_DEEP = "eval/too-deep": "An evaluation is nested no deeper than the stack holds.",
        "Most often a function calls itself without end.",
        "bimanix eval -E 'let f = n: 1 + f n; in f 1'";
    EVAL_TOO_MANY_CALLS = "eval/too-many-calls": "An evaluation takes no more calls than `--max-calls` allows.",
        "A function that calls itself without end would never stop.",
        "bimanix eval -E 'let f = n: f n; in f 1' --max-calls 999";
    EVAL_TYPE = "eval/type": "A value has the type that is needed where it is used.",
        "Nix converts nothing by itself.",
        "bimanix eval -E '1 2'";
    EVAL_UNAVAILABLE = "eval/unavailable": "A builtin needs neither a Nix store nor the network.",
        "bimanix reads files and does nothing else, so that an image is the same everywhere.",
        "bimanix eval -E 'builtins.fetchurl \"https://example.org\"'";
    EVAL_UNDEFINED_VARIABLE = "eval/undefined-variable": "A variable is defined where it is used.",
        "Neither `let`, `rec`, an argument nor a `with` around it gives the name a value.",
        "bimanix eval -E 'let name = 1; in nmae'";
    EVAL_UNEXPECTED_ARGUMENT = "eval/unexpected-argument": "A function with a list of arguments is called with no others.",
        "One that nothing takes is most often a slip; `...` in the list takes them all.",
        "bimanix eval -E '({ a }: a) { a = 1; b = 2; }'";
    EVAL_WARNING = "eval/warning": "With `--abort-on-warn` no `builtins.warn` is reached.",
        "The trace shows what led there.",
        "bimanix eval -E 'builtins.warn \"old\" 1' --abort-on-warn";
    STORE_FAILED = "store/failed": "The Nix store takes the image.",
        "`nix-store` has said why it does not.",
        "bimanix build --store, as a user whom the Nix daemon does not serve";
    STORE_NO_NIX = "store/no-nix": "`--store` finds `nix-store` on the PATH.",
        "The image is added to the store with it.",
        "bimanix build --store, without Nix";
    STORE_OUTPUT = "store/output": "The output of `--store` can be a link to the store.",
        "A folder that is there, one that is missing, and what is open or a device keep it from being made.",
        "bimanix build --store -o /nowhere/result";
    STORE_SCRATCH = "store/scratch": "There is room for the image in the temporary folder.",
        "`--store` writes it there before the store takes it.",
        "TMPDIR=/nowhere bimanix build --store";
}
