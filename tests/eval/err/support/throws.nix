x: throw "from the imported file: ${toString x}"
