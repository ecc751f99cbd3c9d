builtins.fromJSON "[ ﻿1 ]"
