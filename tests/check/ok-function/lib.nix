{ kernel = "/unikernel/kernel"; }
