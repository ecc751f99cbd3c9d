{ config.name = "x"; }
