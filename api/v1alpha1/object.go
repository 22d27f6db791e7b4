package v1alpha1

// Policies are the fields of spec that Workflow, Layout and Integration share, as the user wrote them.
//
// +kubebuilder:object:generate=false
type Policies struct {
	EnvironmentRef EnvironmentReference
	Adoption       AdoptionPolicy
	Deletion       DeletionPolicy
	Drift          DriftPolicy
	Suspend        bool
}

// Policies of the workflow.
func (w *Workflow) Policies() Policies {
	s := &w.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, s.Suspend}
}

// Policies of the layout.
func (l *Layout) Policies() Policies {
	s := &l.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, s.Suspend}
}

// Policies of the integration.
func (i *Integration) Policies() Policies {
	s := &i.Spec
	return Policies{s.EnvironmentRef, s.AdoptionPolicy, s.DeletionPolicy, s.DriftPolicy, s.Suspend}
}

// Sync is the part of status that the three kinds share.
func (w *Workflow) Sync() *SyncStatus { return &w.Status.SyncStatus }

// Sync is the part of status that the three kinds share.
func (l *Layout) Sync() *SyncStatus { return &l.Status.SyncStatus }

// Sync is the part of status that the three kinds share.
func (i *Integration) Sync() *SyncStatus { return &i.Status.SyncStatus }
