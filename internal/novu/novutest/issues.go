package novutest

// controlSchemas by step type
var controlSchemas = map[string]object{"in_app": {}, "email": {}, "sms": {}, "push": {}, "chat": {}, "delay": {}, "digest": {}, "throttle": {}, "custom": {}, "http_request": {}}

func isJSONSchema(v any) bool { _, ok := v.(object); return ok }

func (u *upsert) issuesOf(steps []*step, i int, o object) object { return object{} }

func recomputeIssues(env *environment, w *workflow) []*step { return w.steps }

func layoutIssues(env *environment, values object, fromDashboard bool) object { return object{} }
