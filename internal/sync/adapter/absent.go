package adapter

import "errors"

// errAbsent stands for the 404 that Novu would answer if an object could be asked for by its identifier.
var errAbsent = errors.New("no such object in Novu")
