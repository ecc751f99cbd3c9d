[ "hello" ]
