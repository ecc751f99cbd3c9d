/*
  Tests of nix/lib that need nothing built: a list of those that fail, so [ ]
  when all pass. The messages of what is refused are in library.sh.
*/
{ lib }:
let
  inherit (lib) buildImage pullImage storeName;

  plain = buildImage ./projects/plain;
  shared = buildImage {
    argsFile = ./projects/shared/image/args.nix;
    sources = [ ./projects/shared/lib ];
  };

  # A package that does not exist: what is not built is not looked for.
  package = derivation {
    name = "unikernel";
    system = "x86_64-linux";
    builder = "/none";
  };
  annotations = import ./projects/plain/annotations.nix;
  set = buildImage {
    name = "set";
    tag = "1.0";
    files = {
      derivation = {
        path = "/unikernel/kernel";
        uid = 7;
        source = package;
      };
      within = {
        path = "/unikernel/within";
        source = "${package}/kernel";
      };
      path = {
        path = "/data/path";
        source = ./projects/plain/kernel;
      };
      folder = {
        path = "/data/folder";
        source = ./projects;
      };
    };
    inherit annotations;
  };

  # Everything that a recipe can take from an image, and what has no source.
  based = buildImage {
    base = package;
    files = {
      image = {
        path = "/image";
        source = "/in/image";
        image = ./projects/plain/kernel;
      };
      platform = {
        path = "/platform";
        image = {
          image = package;
          platform = "qemu/amd64";
        };
      };
      text = {
        path = "/text";
        text = "text of ${package}";
      };
      link = {
        path = "/link";
        link = "/text";
      };
      folder = {
        path = "/folder";
        folder = true;
      };
      both = {
        path = "/both";
        text = "text";
        source = ./projects/plain/kernel;
      };
      path = {
        path = "/path";
        folder = false;
        source = ./projects/plain/kernel;
      };
    };
  };
  baseOf = base: (buildImage { inherit base; }).parts."".recipe.base;

  pulled = {
    ref = "unikraft.org/nginx:1.15";
    digest = "sha256:00";
    hash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    cacert = null;
  };
  base = pullImage (pulled // { platform = "qemu/amd64"; });

  # A store path without what follows its hash, to compare.
  nameOf = path: builtins.head (builtins.match "${builtins.storeDir}/[0-9a-z]{32}-(.*)" path);
  dots = builtins.concatStringsSep "" (builtins.genList (_: "abcdefghij") 30);
  refused = value: !(builtins.tryEval (builtins.deepSeq value value)).success;

  cases = {
    nameWithPath = {
      expr = storeName "harbor.io/x/hello";
      expected = "harbor.io-x-hello";
    };
    nameWithPort = {
      expr = storeName "localhost:5000/hello@sha256:00";
      expected = "localhost-5000-hello-sha256-00";
    };
    nameIsKept = {
      expr = storeName "aZ09+._?=-";
      expected = "aZ09+._?=-";
    };
    nameNotHidden = {
      expr = storeName "..config";
      expected = "config";
    };
    nameNotAscii = {
      expr = storeName "café au lait.bin";
      expected = "caf-au-lait.bin";
    };
    nameOfNothing = {
      expr = map storeName [
        ""
        "."
        "///"
        "é"
      ];
      expected = [
        "unnamed"
        "unnamed"
        "unnamed"
        "unnamed"
      ];
    };
    nameIsCut = {
      expr = builtins.stringLength (storeName dots);
      expected = 198;
    };
    longestNameIsAStoreName = {
      expr =
        let
          image = buildImage { name = dots; };
        in
        builtins.all builtins.isString [
          image.drvPath
          image.load.drvPath
        ];
      expected = true;
    };

    imageName = {
      expr = [
        plain.imageName
        plain.imageTag
        plain.name
      ];
      expected = [
        "harbor.io/x/plain"
        "latest"
        "harbor.io-x-plain.tar"
      ];
    };
    imageTag = {
      expr = set.imageTag;
      expected = "1.0";
    };
    commandNames = {
      expr = builtins.mapAttrs (_: command: command.meta.mainProgram) {
        inherit (plain) stream load push;
      };
      expected = {
        stream = "stream-plain";
        load = "load-plain";
        push = "push-plain";
      };
    };
    commandsAreOnePackage = {
      expr = [
        (plain.stream.drvPath == plain.load.drvPath)
        (plain.stream.drvPath == plain.push.drvPath)
        (plain.stream.drvPath == plain.drvPath)
        (plain ? commands)
      ];
      expected = [
        true
        true
        false
        false
      ];
    };
    tagIsOptional = {
      expr = shared.imageTag;
      expected = "latest";
    };

    pulled = {
      expr = [
        base.name
        base.pull.platform
        base.pull.certificates
        (pullImage pulled).pull.platform
        # The hash is what counts, whatever is asked how.
        (base.outPath == (pullImage pulled).outPath)
        (base.drvPath == (pullImage pulled).drvPath)
      ];
      expected = [
        "nginx-1.15.tar"
        "qemu/amd64"
        null
        null
        true
        false
      ];
    };
    certificates = {
      expr = map (cacert: nameOf (pullImage (pulled // { inherit cacert; })).pull.certificates) [
        package
        ./projects/plain/kernel
        "${package}/ca.pem"
      ];
      expected = [
        "unikernel/etc/ssl/certs/ca-bundle.crt"
        "kernel"
        "unikernel/ca.pem"
      ];
    };

    recipeWithoutSources = {
      expr = plain.parts."".recipe.files;
      expected = {
        "./kernel" = "/unikernel/kernel";
        "café au lait.bin" = {
          path = "/data/";
          mode = "0600";
        };
        "by source" = {
          path = "/data/source";
        };
      };
    };
    recipeIsTheFile = {
      expr = removeAttrs plain.parts."".recipe [ "files" ];
      expected = {
        name = "harbor.io/x/plain";
        tag = "";
        inherit annotations;
      };
    };
    sourcesByKey = {
      expr = builtins.mapAttrs (_: nameOf) plain.parts."".sources;
      expected = {
        "./kernel" = "kernel";
        "café au lait.bin" = "caf-au-lait.bin";
        "by source" = "kernel";
      };
    };
    sourcesAreSeparate = {
      expr = plain.parts."".sources."./kernel" == plain.parts."".sources."by source";
      expected = true;
    };
    sourcesAreDependencies = {
      expr = builtins.all builtins.hasContext (builtins.attrValues plain.parts."".sources);
      expected = true;
    };
    argsFile = {
      expr = [
        (nameOf plain.argsFile)
        (nameOf shared.argsFile)
      ];
      expected = [
        "args/args.nix"
        "args/image/args.nix"
      ];
    };
    extraByItsName = {
      expr =
        (buildImage {
          argsFile = ./projects/shared/image;
          sources = [ "../lib" ];
        }).drvPath == shared.drvPath;
      expected = true;
    };
    locations = {
      expr = map (argument: (buildImage argument).drvPath == plain.drvPath) [
        ./projects/plain/args.nix
        "${toString ./projects/plain}"
        { outPath = toString ./projects/plain; }
        { argsFile = ./projects/plain; }
        {
          argsFile = ./projects/plain/args.nix;
          arguments = { };
          sources = [ ];
        }
      ];
      expected = builtins.genList (_: true) 5;
    };
    arguments = {
      expr =
        let
          image = buildImage {
            argsFile = ./projects/function;
            arguments.tag = "dev";
          };
        in
        [
          image.imageTag
          image.arguments
          (buildImage ./projects/function).imageTag
        ];
      expected = [
        "dev"
        { tag = "dev"; }
        "latest"
      ];
    };

    setSources = {
      expr = set.parts."".sources;
      expected = {
        derivation = package.outPath;
        within = "${package}/kernel";
        path = plain.parts."".sources."./kernel";
        folder = builtins.path {
          path = ./projects;
          name = "projects";
        };
      };
    };
    setDependsOnTheDerivation = {
      expr = builtins.getContext set.parts."".sources.within;
      expected.${builtins.unsafeDiscardStringContext package.drvPath}.outputs = [ "out" ];
    };
    setHasNoFile = {
      expr = set ? argsFile || set ? arguments;
      expected = false;
    };
    setRecipe = {
      expr = set.parts."".recipe.files.derivation;
      expected = {
        path = "/unikernel/kernel";
        uid = 7;
      };
    };

    bases = {
      expr = map baseOf [
        package
        ./projects/plain/kernel
        "harbor.io/x/nginx@sha256:00"
        {
          image = "${package}/image.tar";
          platform = "linux/amd64";
        }
      ];
      expected = [
        package.outPath
        plain.parts."".sources."./kernel"
        "harbor.io/x/nginx@sha256:00"
        {
          image = "${package}/image.tar";
          platform = "linux/amd64";
        }
      ];
    };
    basesAreDependencies = {
      expr = map (base: builtins.hasContext (baseOf base)) [
        package
        ./projects/plain/kernel
        (toString plain.parts."".sources."./kernel")
      ];
      expected = [
        true
        true
        true
      ];
    };
    baseOfAFile = {
      expr =
        let
          image = buildImage {
            argsFile = ./projects/base;
            arguments.platform = "linux/amd64";
          };
        in
        [
          image.parts."".recipe.base
          (nameOf (buildImage ./projects/base).parts."".recipe.base)
        ];
      expected = [
        {
          image = builtins.path {
            path = ./projects/base/image.tar;
            name = "image.tar";
          };
          platform = "linux/amd64";
        }
        "image.tar"
      ];
    };
    filesOfImages = {
      expr = {
        inherit (based.parts."".recipe) files;
        inherit (based.parts."") sources;
      };
      expected = {
        files = {
          image = {
            path = "/image";
            source = "/in/image";
            image = plain.parts."".sources."./kernel";
          };
          platform = {
            path = "/platform";
            image = {
              image = package.outPath;
              platform = "qemu/amd64";
            };
          };
          text = {
            path = "/text";
            text = "text of ${package}";
          };
          link = {
            path = "/link";
            link = "/text";
          };
          folder = {
            path = "/folder";
            folder = true;
          };
          both = {
            path = "/both";
            text = "text";
            source = "";
          };
          path = {
            path = "/path";
            folder = false;
          };
        };
        sources.path = plain.parts."".sources."./kernel";
      };
    };

    # The builder says what is wrong with these, and where.
    leftToTheBuilder = {
      expr = map (recipe: (buildImage recipe).parts."".recipe) [
        { }
        { name = 1; }
        { files = [ ]; }
        { files."/x" = 1; }
        { base = 1; }
        { base = { }; }
        { base = ""; }
      ];
      expected = [
        { }
        { name = 1; }
        { files = [ ]; }
        { files."/x" = 1; }
        { base = 1; }
        { base = { }; }
        { base = ""; }
      ];
    };

    refused = {
      expr = map (argument: refused (buildImage argument).drvPath) [
        1
        null
        package
        "args.nix"
        (_: { })
        ./projects/empty
        ./projects/none.nix
        {
          argsFile = ./projects/plain;
          tag = "dev";
        }
        {
          argsFile = ./projects/plain;
          arguments.tag = "dev";
        }
        { files."./kernel" = "/unikernel/kernel"; }
        { files."" = "/unikernel/kernel"; }
        {
          files.x = {
            path = "/x";
            source = 1;
          };
        }
        {
          files.x = {
            path = "/x";
            source = ./projects/none;
          };
        }
        { base = "./image.tar"; }
        { base = ./projects/none; }
        { base = { image = ./projects/none; }; }
        {
          files.x = {
            path = "/x";
            image = "../image.tar";
          };
        }
        { annotations.binary = ./projects/plain/kernel; }
        { annotations.cmdline = argument: argument; }
      ];
      expected = builtins.genList (_: true) 19;
    };
  };

  failing = builtins.filter (name: cases.${name}.expr != cases.${name}.expected) (
    builtins.attrNames cases
  );
in
map (name: {
  inherit name;
  inherit (cases.${name}) expected;
  result = cases.${name}.expr;
}) failing
