package promotion

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"novu-operator.dev/api/v1alpha1"
)

// Session is what the operator knows about one Promotion while it works on it. It saves calls and nothing more: without
// it everything is read again.
type Session struct {
	Source, Target *Side
	// Began is when it was opened.
	Began time.Time

	uid     types.UID
	drafted map[string]bool // items that a draft has come to
}

// Sessions are those of the Promotions that are being worked on. The zero value is ready to use.
type Sessions struct {
	mu   sync.Mutex
	open map[types.NamespacedName]*Session
}

// Open returns the Promotion's session, or a new one if there is none or if one of the connections was made anew.
func (s *Sessions) Open(p *v1alpha1.Promotion, source, target *Side, now time.Time) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := client.ObjectKeyFromObject(p)
	if open := s.open[key]; open != nil && open.uid == p.UID && open.Source.Conn == source.Conn && open.Target.Conn == target.Conn {
		return open
	}
	if s.open == nil {
		s.open = map[types.NamespacedName]*Session{}
	}
	s.open[key] = &Session{Source: source, Target: target, Began: now, uid: p.UID}
	return s.open[key]
}

// Close forgets a session, so that it takes no memory while its Promotion waits.
func (s *Sessions) Close(promotion types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, promotion)
}
