// Copyright The novu-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"novu-operator.dev/api/v1alpha1"
)

// Labels of the objects, for people who look for them and for the operator's own lists. What a record says is in the
// objects' names and data, which cannot be changed.
const (
	LabelTarget    = "novu-operator.dev/target"    // name of the target Environment
	LabelPromotion = "novu-operator.dev/promotion" // name of the Promotion
)

const (
	// pieceSize is how many bytes of a compressed document one object holds. As base64 that is 683 KiB, well under the
	// 1.5 MiB that etcd takes.
	pieceSize = 512 << 10
	// mostPieces is more than the longest document can have.
	mostPieces = 2 * mostText / pieceSize

	recordDocument   = "record"
	doneDocument     = "done"
	supplementPrefix = "s"
)

// piece is the data of one object.
type piece struct {
	// Namespace and Promotion name the Promotion.
	Namespace string `json:"namespace"`
	Promotion string `json:"promotion"`
	// RollbackOf names the Promotion that it went back to; zero: it is no rollback.
	RollbackOf v1alpha1.PromotionReference `json:"rollbackOf,omitzero"`
	// Digest of what the Promotion is about.
	Digest string `json:"digest,omitempty"`
	// Pieces is how many there are of the document.
	Pieces int `json:"pieces"`
	// SHA256 of the whole document, compressed, in hex: pieces of two attempts to write it do not match.
	SHA256 string `json:"sha256"`
	Gzip   []byte `json:"gzip"`
}

// cut makes the pieces of a document.
func cut(p *v1alpha1.Promotion, packed []byte) []piece {
	var pieces []piece
	sum, about := digest(packed), Digest(p)
	for part := range slices.Chunk(packed, pieceSize) {
		pieces = append(pieces, piece{
			Namespace: p.Namespace, Promotion: p.Name, RollbackOf: rollbackOf(p), Digest: about, SHA256: sum, Gzip: part,
		})
	}
	for i := range pieces {
		pieces[i].Pieces = len(pieces)
	}
	return pieces
}

// rollbackOf names the Promotion that a rollback goes back to, none for any other Promotion.
func rollbackOf(p *v1alpha1.Promotion) v1alpha1.PromotionReference {
	if !p.IsRollback() || p.Status.RestoresRef == nil {
		return v1alpha1.PromotionReference{}
	}
	return *p.Status.RestoresRef
}

// join puts pieces together again.
func join(pieces []piece) ([]byte, error) {
	var packed []byte
	for _, p := range pieces {
		packed = append(packed, p.Gzip...)
	}
	if digest(packed) != pieces[0].SHA256 {
		return nil, errors.New("its parts do not belong together")
	}
	return packed, nil
}

// digest of a document, by which it is known.
func digest(packed []byte) string {
	sum := sha256.Sum256(packed)
	return hex.EncodeToString(sum[:])
}

func (p *piece) equal(other *piece) bool {
	return p.SHA256 == other.SHA256 && p.Pieces == other.Pieces && bytes.Equal(p.Gzip, other.Gzip) &&
		p.Namespace == other.Namespace && p.Promotion == other.Promotion && p.RollbackOf == other.RollbackOf
}

// address is what the name of an object says.
type address struct {
	number    int64
	promotion types.UID
	document  string
	piece     int
}

func (a address) name(target *v1alpha1.Environment) string {
	return fmt.Sprintf("%s%d-%s-%s-%d", namePrefix(target), a.number, a.promotion, a.document, a.piece)
}

func namePrefix(target *v1alpha1.Environment) string {
	return fmt.Sprintf("novu-record-%s-", Identity(target))
}

// parseAddress reads the name of an object; not ok: the operator has not made it.
func parseAddress(target *v1alpha1.Environment, name string) (a address, ok bool) {
	rest, ours := strings.CutPrefix(name, namePrefix(target))
	parts := strings.Split(rest, "-")
	if !ours || len(parts) < 4 {
		return a, false
	}
	last := len(parts) - 1 // a UID has dashes of its own
	number, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil || number < 1 {
		return a, false
	}
	index, err := strconv.Atoi(parts[last])
	a = address{number: number, promotion: types.UID(strings.Join(parts[1:last-1], "-")), document: parts[last-1], piece: index}
	_, supplement := a.supplement()
	return a, err == nil && name == a.name(target) && (supplement || a.document == recordDocument || a.document == doneDocument)
}

func supplementDocument(number int) string { return supplementPrefix + strconv.Itoa(number) }

// supplement is the number of the supplement that the object belongs to, if it belongs to one.
func (a address) supplement() (number int, ok bool) {
	digits, ok := strings.CutPrefix(a.document, supplementPrefix)
	number, err := strconv.Atoi(digits)
	return number, ok && err == nil && number > 0 && a.document == supplementDocument(number)
}

// object is the ControllerRevision that holds the piece.
func (p *piece) object(target *v1alpha1.Environment, a address) (*appsv1.ControllerRevision, error) {
	data, err := json.Marshal(p)
	return &appsv1.ControllerRevision{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: target.Namespace, Name: a.name(target),
			Labels: map[string]string{LabelTarget: LabelValue(target.Name), LabelPromotion: LabelValue(p.Promotion)},
		},
		Data: runtime.RawExtension{Raw: data}, Revision: a.number,
	}, err
}

// parsePiece reads the data of an object.
func parsePiece(o *appsv1.ControllerRevision) (*piece, error) {
	p := &piece{}
	if err := json.Unmarshal(o.Data.Raw, p); err != nil {
		return nil, err
	}
	if p.Promotion == "" || p.Pieces < 1 || p.Pieces > mostPieces {
		return nil, errors.New("it is not the record of a Promotion")
	}
	return p, nil
}

// LabelValue is the name of an object, or if that is too long for a label its beginning and a hash.
func LabelValue(name string) string {
	const most, kept = 63, 50
	if len(name) <= most {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return name[:kept] + "-" + hex.EncodeToString(sum[:6])
}
