// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	"novu-operator.dev/api/v1alpha1"
)

const plan = "p1"

func approved(users ...string) (approvals []v1alpha1.PromotionApproval) {
	for _, user := range users {
		name, hash, other := strings.Cut(user, "@")
		if !other {
			hash = plan
		}
		approvals = append(approvals, v1alpha1.PromotionApproval{User: name, PlanHash: hash})
	}
	return approvals
}

func seenAgo(user string, d time.Duration) v1alpha1.CountedApproval {
	return v1alpha1.CountedApproval{User: user, PlanHash: plan, FirstSeenTime: *ago(d)}
}

var hour = &metav1.Duration{Duration: time.Hour}

var approvalTests = []struct {
	name        string
	rules       *v1alpha1.PromotionApprovals
	approvals   []v1alpha1.PromotionApproval
	seen        []v1alpha1.CountedApproval
	requestedBy string
	noPlan      bool
	counted     string
	missing     int
	next        time.Duration
	message     string
}{
	{name: "none required", approvals: approved("ann"), counted: "ann", message: "no approvals are required"},
	{
		name: "none given", rules: &v1alpha1.PromotionApprovals{Required: 2}, missing: 2,
		message: "0 of 2 approvals; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
	{
		name: "one of two", rules: &v1alpha1.PromotionApprovals{Required: 2}, approvals: approved("ann"), counted: "ann", missing: 1,
		message: "1 of 2 approvals by ann; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
	{
		name: "two of two", rules: &v1alpha1.PromotionApprovals{Required: 2}, approvals: approved("ann", "ben"), counted: "ann ben",
		message: "2 of 2 approvals by ann, ben",
	},
	{
		name: "more than needed", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann", "ben", "cid", "dan", "eve"),
		counted: "ann ben cid dan eve", message: "5 of 1 approvals by ann, ben, cid and 2 more",
	},
	{
		name: "one user counts once", rules: &v1alpha1.PromotionApprovals{Required: 2}, approvals: approved("ann", "ann"), counted: "ann", missing: 1,
	},
	{
		name: "the plan is another now", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann@p0", "ben@p0"), missing: 1,
		message: "0 of 1 approvals; ann, ben approved another plan; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
	{
		name: "approved again", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann@p0", "ann"), counted: "ann",
		message: "1 of 1 approvals by ann",
	},
	{
		name: "there is no plan yet", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann"), noPlan: true, missing: 1,
		message: "0 of 1 approvals; the plan is not made yet",
	},
	{
		name: "an approval of no plan", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann@"), noPlan: true, missing: 1,
	},
	{
		name: "not listed", rules: &v1alpha1.PromotionApprovals{Required: 1, Users: []string{"ann", "ben"}}, approvals: approved("eve"), missing: 1,
		message: "0 of 1 approvals; eve is not among spec.promotionPolicy.approvals.users of the target; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
	{
		name: "listed", rules: &v1alpha1.PromotionApprovals{Required: 1, Users: []string{"ann", "ben"}}, approvals: approved("eve", "ben"), counted: "ben",
	},
	{
		name: "one's own request", rules: &v1alpha1.PromotionApprovals{Required: 1, RequesterApproval: v1alpha1.RequesterApprovalDeny}, approvals: approved("ann"), requestedBy: "ann", missing: 1,
		message: "0 of 1 approvals; ann asked for the Promotion and cannot approve it; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
	{
		name: "one's own request where that is allowed", rules: &v1alpha1.PromotionApprovals{Required: 1}, approvals: approved("ann"), requestedBy: "ann", counted: "ann",
	},
	{
		name: "somebody else's request", rules: &v1alpha1.PromotionApprovals{Required: 1, RequesterApproval: v1alpha1.RequesterApprovalDeny}, approvals: approved("ann", "ben"), requestedBy: "ann", counted: "ben",
	},
	{
		name: "nobody's request", rules: &v1alpha1.PromotionApprovals{Required: 1, RequesterApproval: v1alpha1.RequesterApprovalDeny}, approvals: approved("ann", "ben"), missing: 1,
		message: "0 of 1 approvals; none counts because it is not known who asked for this Promotion: create a new one with spec.requestedBy",
	},
	{
		name: "just seen", rules: &v1alpha1.PromotionApprovals{Required: 1, ExpireAfter: hour}, approvals: approved("ann"), counted: "ann", next: time.Hour,
	},
	{
		name: "soon over", rules: &v1alpha1.PromotionApprovals{Required: 2, ExpireAfter: hour}, approvals: approved("ann", "ben"),
		seen: []v1alpha1.CountedApproval{seenAgo("ann", 59*time.Minute), seenAgo("ben", 10*time.Minute)}, counted: "ann ben", next: time.Minute,
	},
	{
		name: "over", rules: &v1alpha1.PromotionApprovals{Required: 2, ExpireAfter: hour}, approvals: approved("ann", "ben"),
		seen: []v1alpha1.CountedApproval{seenAgo("ann", time.Hour), seenAgo("ben", 10*time.Minute)}, counted: "ben", missing: 1, next: 50 * time.Minute,
		message: "1 of 2 approvals by ben; the approval of ann has expired: give it again by raising its renewal by one; approve the plan p1 by adding its whole status.plan.hash to spec.approvals",
	},
}

func TestApprovals(t *testing.T) {
	for _, test := range approvalTests {
		t.Run(test.name, func(t *testing.T) {
			in := anInput(noon)
			in.Target.Spec.PromotionPolicy.Approvals = test.rules
			in.Promotion.Spec.Approvals, in.Promotion.Spec.RequestedBy = test.approvals, test.requestedBy
			in.Promotion.Status.Approvals = test.seen
			if !test.noPlan {
				in.Promotion.Status.Plan = &v1alpha1.PromotionPlan{Hash: plan}
			}
			got := Approvals(in.Promotion, in.Target, noon)
			if names := names(got.Counted); names != test.counted || got.Missing != test.missing {
				t.Errorf("counted %q and %d are missing, want %q and %d", names, got.Missing, test.counted, test.missing)
			}
			if test.message != "" && got.Message != test.message {
				t.Errorf("message is\n%s\nwant\n%s", got.Message, test.message)
			}
			if want := seconds(noon.Add(test.next)); (got.Next != nil) != (test.next != 0) || got.Next != nil && !got.Next.Equal(want) {
				t.Errorf("next is %s, want %s", got.Next, want)
			}
		})
	}
}

func names(approvals []v1alpha1.CountedApproval) string {
	var all []string
	for _, approval := range approvals {
		all = append(all, approval.User)
	}
	return strings.Join(all, " ")
}

func TestRollbackNeedsApprovalIfAskedFor(t *testing.T) {
	in := anInput(noon)
	in.Target.Spec.PromotionPolicy.Approvals = &v1alpha1.PromotionApprovals{Required: 2, RequesterApproval: v1alpha1.RequesterApprovalDeny}
	in.Promotion.Spec.Rollback = &v1alpha1.PromotionRollback{To: v1alpha1.RollbackToPrevious}
	if got := Approvals(in.Promotion, in.Target, noon); got.Required != 0 || got.Missing != 0 {
		t.Errorf("got %+v", got)
	}
	in.Target.Spec.PromotionPolicy.Approvals.Rollbacks = new(true)
	if got := Approvals(in.Promotion, in.Target, noon); got.Required != 2 || got.Missing != 2 {
		t.Errorf("asked for: %+v", got)
	}
}

// What has expired stays so, also when the plan changes and comes back, as long as status keeps what was seen.
func TestExpiredApprovalsStayExpired(t *testing.T) {
	in := anInput(noon)
	p := in.Promotion
	in.Target.Spec.PromotionPolicy.Approvals = &v1alpha1.PromotionApprovals{Required: 1, ExpireAfter: &metav1.Duration{Duration: time.Hour}}
	p.Spec.Approvals = approved("ann")
	for _, look := range []struct {
		plan    string
		after   time.Duration
		missing int
	}{{plan, 0, 0}, {plan, 59 * time.Minute, 0}, {"p2", 59 * time.Minute, 1}, {plan, 59 * time.Minute, 0}, {plan, time.Hour, 1}, {plan, 2 * time.Hour, 1}, {"p2", 3 * time.Hour, 1}, {plan, 4 * time.Hour, 1}} {
		p.Status.Plan = &v1alpha1.PromotionPlan{Hash: look.plan}
		count := Approvals(p, in.Target, noon.Add(look.after))
		if count.Missing != look.missing {
			t.Errorf("after %s %d are missing, want %d: %s", look.after, count.Missing, look.missing, count.Message)
		}
		if diff := cmp.Diff([]v1alpha1.CountedApproval{{User: "ann", PlanHash: plan, FirstSeenTime: metaTime(noon)}}, count.Seen); diff != "" {
			t.Error(diff)
		}
		p.Status.Approvals = count.Seen
	}
}

// An approval that has expired, or soon will, is given again by raising its renewal; its time begins then.
func TestApprovalsAreRenewed(t *testing.T) {
	in := anInput(noon)
	p := in.Promotion
	in.Target.Spec.PromotionPolicy.Approvals = &v1alpha1.PromotionApprovals{Required: 1, ExpireAfter: hour}
	p.Spec.Approvals = approved("ann")
	p.Status.Plan = &v1alpha1.PromotionPlan{Hash: plan}
	for _, look := range []struct {
		renewal int32
		after   time.Duration
		missing int
	}{{0, 0, 0}, {0, time.Hour, 1}, {1, 2 * time.Hour, 0}, {1, 179 * time.Minute, 0}, {2, 179 * time.Minute, 0}, {2, 200 * time.Minute, 0}, {2, 239 * time.Minute, 1}} {
		p.Spec.Approvals[0].Renewal = look.renewal
		count := Approvals(p, in.Target, noon.Add(look.after))
		if count.Missing != look.missing {
			t.Errorf("renewal %d after %s: %d are missing, want %d: %s", look.renewal, look.after, count.Missing, look.missing, count.Message)
		}
		if len(count.Seen) != 1 || count.Seen[0].Renewal != look.renewal {
			t.Errorf("seen: %+v", count.Seen)
		}
		p.Status.Approvals = count.Seen
	}
}

// Whatever is written into spec: nobody counts twice, nobody counts who must not, and the numbers agree.
func TestApprovalsProperties(t *testing.T) {
	people := rapid.SampledFrom([]string{"ann", "ben", "cid", "dan"})
	rapid.Check(t, func(t *rapid.T) {
		in := anInput(noon)
		rules := &v1alpha1.PromotionApprovals{
			Required:          int32(rapid.IntRange(1, 4).Draw(t, "required")),
			Users:             rapid.SliceOfDistinct(people, rapid.ID).Draw(t, "users"),
			RequesterApproval: rapid.SampledFrom([]v1alpha1.RequesterApprovalPolicy{"", v1alpha1.RequesterApprovalAllow, v1alpha1.RequesterApprovalDeny}).Draw(t, "requesterApproval"),
		}
		in.Target.Spec.PromotionPolicy.Approvals = rules
		in.Promotion.Status.Plan = &v1alpha1.PromotionPlan{Hash: plan}
		in.Promotion.Spec.RequestedBy = rapid.OneOf(people, rapid.Just("")).Draw(t, "requestedBy")
		in.Promotion.Spec.Approvals = rapid.SliceOf(rapid.Custom(func(t *rapid.T) v1alpha1.PromotionApproval {
			return v1alpha1.PromotionApproval{User: people.Draw(t, "user"), PlanHash: rapid.SampledFrom([]string{plan, "p0"}).Draw(t, "hash")}
		})).Draw(t, "approvals")
		want := map[string]bool{}
		for _, approval := range in.Promotion.Spec.Approvals {
			listed := len(rules.Users) == 0 || strings.Contains(strings.Join(rules.Users, " "), approval.User)
			author := rules.RequesterApproval == v1alpha1.RequesterApprovalDeny && (in.Promotion.Spec.RequestedBy == "" || in.Promotion.Spec.RequestedBy == approval.User)
			if approval.PlanHash == plan && listed && !author {
				want[approval.User] = true
			}
		}
		got := Approvals(in.Promotion, in.Target, noon)
		counted := map[string]bool{}
		for _, approval := range got.Counted {
			counted[approval.User] = true
		}
		if diff := cmp.Diff(want, counted); diff != "" || len(counted) != len(got.Counted) {
			t.Fatalf("%s%v", diff, got.Counted)
		}
		if got.Missing != max(0, int(rules.Required)-len(want)) || got.Required != int(rules.Required) {
			t.Fatalf("%d of %d are missing with %d", got.Missing, got.Required, len(want))
		}
	})
}
