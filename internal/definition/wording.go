// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package definition

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"novu-operator.dev/internal/novu"
)

// wording replaces a text of Novu, which is written for the forms of its dashboard, by one for the reader of a manifest:
// what is wrong, and what to do. Parts in parentheses go over. What no wording fits stays as Novu wrote it. The texts are
// those of the recordings and of the list in lint/testdata/issues.jsonl.
type wording struct {
	theirs *regexp.Regexp
	ours   string
}

func words(theirs, ours string) wording {
	return wording{regexp.MustCompile("^(?:" + theirs + ")$"), ours}
}

// variableNames says what Novu knows variables of.
const variableNames = "write payload., subscriber., context. or steps.<stepID>. before it"

var issueWordings = []wording{
	// The limit is in whole days: an hour is 0 days.
	words(`The maximum delay allowed is 0 days\..*`,
		"the plan of this Novu organization allows less: a window of at most one hour on the free plan, which a self-hosted community Novu has; shorten it"),
	words(`The maximum delay allowed is (\d+) days\..*`,
		"the plan of this Novu organization allows at most $1 day(s) here; a self-hosted community Novu has the free plan: shorten it, or leave this step out there"),
	words(`Missing active primary integration provider`, "Novu has no active primary integration of this channel here: create an Integration with active: true and primary: true"),
	words(`Missing active integration provider`, "Novu has no active integration of this channel here: create an Integration with active: true"),
	words(`Inbox is not connected\..*`, "no application has connected the Inbox to this Novu environment yet: it becomes connected when a subscriber first opens it"),
	words(`Variable ".*?" output "(.*?)(?:\.\.\.)?" not closed,?`, `"$1" is not closed: write }} after the variable`),
	words(`Variable ".*?" tag "(.*?)(?:\.\.\.)?" not closed,?`, `"$1" is not closed: write %} after the tag`),
	words(`Variable ".*?" raw "(.*)" not closed,?`, `"$1" is not closed: add {% endraw %}`),
	words(`Variable ".*?" tag \{% (\w+)(.*?) %\} not closed,?`, `{% $1$2 %} has no end: add {% end$1 %}`),
	words(`Variable ".*?" tag "(.*?)" not found,?`, `there is no tag {% $1 %}, or it stands where it cannot: check its spelling and place`),
	words(`Variable ".*?" undefined filter: (.*?),?`, `there is no filter "$1": check its spelling`),
	words(`Variable ".*?" invalid value expression: "",?`, `{{ }} is empty: name a variable in it`),
	words(`Variable "" invalid or missing namespace`, `{{ }} is empty, or what is in it is no variable: name one`),
	words(`Variable "payload" invalid or missing namespace`, `payload alone is no variable: name one of its fields, as in payload.orderId`),
	words(`Variable "(.+)" invalid or missing namespace`, `"$1" is no variable of Novu: `+variableNames),
	words(`Variable "(payload\..+)" is not supported`, `spec.payloadSchema has no "$1": declare it there, or correct the name`),
	words(`Variable "(steps\.([^.]+)\..+)" is not supported`, `there is no "$1" here: steps.$2 must be an earlier step, and the rest one of its results`),
	words(`Variable "(subscriber\..+)" is not supported`, `a subscriber has no "$1": fields of your own are in subscriber.data.`),
	words(`Variable "(.+)" is not supported`, `there is no variable "$1" here: `+variableNames),
	words(`Variable "(.+)" contains whitespaces`, `"$1": the name of a variable has no blanks; remove them`),
	words(`Variable ".*?" (.+?),?`, `the template cannot be read: $1; correct it`),
	words(`Filter "(.+)" in "(.*?)"`, `a filter of "$2" is used wrongly: $1`),
	words(`Content compilation error: (.+)`, `the template cannot be read: $1; correct it`),
	words(`"(.+)" is not a supported property`, `this form of the step has no "$1": remove it, or the fields that belong to another form`),
	words(`Subject or body is required`, "subject and body are both missing: set one of them"),
	words(`The layout body should contain the "content" variable`, `{{content}} is missing: put it where the body of the mail belongs`),
	words(`[A-Z][\w/]* is required`, "it is missing: set it"),
	words(`must be equal to one of the allowed values`, "Novu does not take this value: use one that the field's description lists"),
	words(`must be equal to constant`, "the fields that are set belong to different forms of the step: set those of one form"),
	words(`must NOT have more than (\d+) characters`, "it is too long: $1 characters are allowed"),
	words(`must NOT have additional properties`, "it has a field that Novu does not know: remove it"),
	words(`must be (>=|<=) (.+)`, "it must be $1 $2: change it"),
	words(`must be string,null`, "it must be a string or null: change it"),
	words(`must be (string|object|boolean|number|array|integer)`, "it must be of type $1: change it"),
	words(`Invalid URL\. Must be (.+)`, "it is no URL that Novu takes: it must be $1"),
	// Of skip.
	words(`Field variable is required`, `a "var" of the rule is empty: name a variable in it`),
	words(`Value is required`, "an operator of the rule has nothing to compare with: give it a second value"),
	words(`Value is not valid`, "the rule has a variable that Novu does not know: "+variableNames),
	words(`Invalid field reference in comparison`, `an operator of the rule needs a {"var": …} as its first value`),
	words(`Invalid (?:operation|logical operator|node).*`, `it is no rule in JSON Logic, such as {"==": [{"var": "payload.urgent"}, true]}; the step runs when the rule is true`),
}

// reworded is the text by the first wording that fits.
func reworded(text string, list []wording) string {
	for _, w := range list {
		if w.theirs.MatchString(text) {
			return w.theirs.ReplaceAllString(text, w.ours)
		}
	}
	return text
}

// unclosed finds what a text about a template quotes of it.
var unclosed = regexp.MustCompile(`(?:output|tag|raw) "(.+?)(?:\.{3})?" not closed`)

// position says where in the template the part is that the text quotes; empty if that cannot be told.
func position(text, template string) string {
	quoted := unclosed.FindStringSubmatch(text)
	if quoted == nil {
		return ""
	}
	// What is not closed goes on to the end, so that it is the last of its kind.
	at := strings.LastIndex(template, quoted[1])
	if at < 0 {
		return ""
	}
	before := template[:at]
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return "line " + strconv.Itoa(line) + ", column " + strconv.Itoa(column)
}

// refusalWordings are for the texts with which Novu refuses a request.
var refusalWordings = []wording{
	words(`Workflow limit exceeded\..*`, "it holds as many workflows as its plan allows"),
	words(`Workflow steps limit exceeded\. Maximum allowed steps is (\d+), but got (\d+) steps\.`, "the workflow has $2 steps, $1 are allowed: split it"),
	words(`Payment Required`, "its plan does not include this; a self-hosted community Novu has the free plan"),
	words(`Layout has validation issues`, "the layout has errors"),
	words(`Validation Error|Validation failed for \w+Command: .*`, "the definition is not valid"),
	words(`Content must be a valid HTML content`, "spec.body is not valid HTML: correct it, or set editorType: Block if it is the block editor's JSON"),
	words(`Agent with identifier "(.+)" was not found\.`, `there is no agent "$1" in this Novu environment: create it there, or correct its name`),
	words(`Integration with identifier already exists`, "another integration has this identifier: choose another, or adopt that one with adoptionPolicy"),
	words(`One environment can only have one In app provider`, "a Novu environment has one Inbox, which is there already: describe it with providerID: novu and channel: InApp"),
	words(`Creating Novu integration for (\S+) provider is not allowed`, "$1 is Novu's own demo provider, which cannot be created: choose another providerID"),
	words(`(?:\w+: )?Requests to private or reserved IP addresses are not allowed \(resolved: (.+)\)\.`,
		"Novu does not call private addresses ($1): allow it in NOVU_SAFE_OUTBOUND_ALLOW of that Novu, or use a public one"),
	words(`Cannot sync workflow: origin '(\w+)' is not allowed .*`, "it is defined in code (origin $1): promote it by deploying the application, not by copying it"),
	words(`Workflow (\S+) was already created in Dashboard\..*`, "a workflow $1 that is edited by hand exists there already: use another workflowID, or delete that one"),
	words(`All tags's elements must be unique`, "tags has an entry twice: remove one"),
	words(`name should not be empty`, "it is empty: set it"),
	words(`name must be longer than or equal to 1 characters`, "it is empty: set it"),
	words(`(\S+) must be shorter than or equal to (\d+) characters`, "$1 is too long: $2 characters are allowed"),
	words(`(\S+) must contain no more than (\d+) elements`, "$1 has too many entries: $2 are allowed"),
	words(`type should not be (?:null or undefined|empty)`, "it is missing: set it"),
	words(`type must be one of the following values: (.+)`, "this Novu has no such step type; it has $1"),
	words(`(\S+) must be one of the following values: (.+)`, "$1 has a value that this Novu does not know; it knows $2"),
	words(`(\S+) must be a valid slug format .*`, "$1 may have letters, digits, hyphens, dots and underscores only: correct it"),
	words(`(\S+) must be a valid JSON schema`, "$1 is not a valid JSON schema: correct it"),
	words(`\{"success":false,"code":"\w+","message":"(.*)"\}`, "the provider refused the credentials: $1"),
}

// placedText finds the field at the beginning of a text, steps.0.name must be a string.
var placedText = regexp.MustCompile(`^((?:workflowDto\.)?steps\.\d+\.\S+)`)

// Refusal is the error with Novu's words put into those of a manifest. Errors that are no answer of Novu stay.
func Refusal(err error) string {
	answer, ok := errors.AsType[*novu.Error](err)
	if !ok {
		return err.Error()
	}
	told := *answer
	told.Message = sentence(answer.Message)
	told.Fields = nil
	for name, texts := range answer.Fields {
		place := FieldPath(name)
		for _, text := range texts {
			told.Fields = addField(told.Fields, place, sentence(text))
		}
	}
	return strings.Replace(err.Error(), answer.Error(), told.Error(), 1)
}

// sentence puts one text into words and spelling of manifests.
func sentence(text string) string {
	text = placedText.ReplaceAllStringFunc(text, FieldPath)
	text = listedTypes.ReplaceAllStringFunc(text, inOurTypes)
	return blockNames.Replace(reworded(reworded(text, refusalWordings), issueWordings))
}

// listedTypes is Novu's list of the step types that it knows, after a text that says so.
var listedTypes = regexp.MustCompile(`^type must be one of the following values: .+`)

// inOurTypes puts the types of a list into the spelling of manifests.
func inOurTypes(text string) string {
	words := strings.Split(text, " ")
	for i, word := range words {
		words[i] = strings.Replace(word, strings.Trim(word, ","), string(stepTypes.ours(strings.Trim(word, ","))), 1)
	}
	return strings.Join(words, " ")
}

// addField says each thing once: Novu has several texts for one fault.
func addField(fields map[string][]string, place, text string) map[string][]string {
	if fields == nil {
		fields = map[string][]string{}
	}
	if place == "" {
		place = "general"
	}
	if !slices.Contains(fields[place], text) {
		fields[place] = append(fields[place], text)
	}
	return fields
}
