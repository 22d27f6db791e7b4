package novu

import "fmt"

const (
	maxPages  = 1000 // a server that never ends its list must not hold us for ever
	maxPasses = 3
)

// collect reads a list page by page, oldest item first, so that new items only
// appear at the end. A deletion in between shifts the rest and would hide an item
// at a page's border, which the caller would take for deleted; therefore each page
// starts with the previous page's last item, and the whole is read again if that
// does not match. If the list never holds still, everything seen is returned: an
// item too many is found out by the next read, an item too few would be recreated.
func collect[T any](size int, id func(T) string, fetch func(ListOptions) ([]T, int, error)) ([]T, error) {
	seen := &union[T]{id: id, index: map[string]int{}}
	for range maxPasses {
		pass := &union[T]{id: id, index: map[string]int{}}
		steady, err := readPass(size, pass, fetch)
		if err != nil {
			return nil, err
		}
		if steady {
			return pass.items, nil
		}
		for _, item := range pass.items {
			seen.add(item)
		}
	}
	return seen.items, nil
}

// readPass reads the list once and reports whether it held still meanwhile.
func readPass[T any](size int, pass *union[T], fetch func(ListOptions) ([]T, int, error)) (steady bool, err error) {
	offset, last := 0, ""
	for range maxPages {
		page, total, err := fetch(ListOptions{Limit: size, Offset: offset, OrderBy: "createdAt", OrderDirection: "ASC"})
		if err != nil {
			return false, err
		}
		if last == "" && len(page) == 0 && total > 0 {
			return false, fmt.Errorf("Novu says that the list has %d items but sends none", total)
		}
		if last != "" && (len(page) == 0 || pass.id(page[0]) != last) {
			return false, nil
		}
		before := len(pass.items)
		for _, item := range page {
			pass.add(item)
		}
		if end := offset + len(page); end >= total && (total > 0 || len(page) < size) {
			return len(pass.items) == end, nil
		}
		if len(pass.items) == before {
			return false, nil // the same page again
		}
		offset += len(page) - 1
		last = pass.id(page[len(page)-1])
	}
	return false, fmt.Errorf("the list does not end after %d pages", maxPages)
}

// union keeps the newest version of each item in the order of first sight.
type union[T any] struct {
	id    func(T) string
	index map[string]int
	items []T
}

func (u *union[T]) add(item T) {
	key := u.id(item)
	if at, ok := u.index[key]; ok {
		u.items[at] = item
		return
	}
	u.index[key] = len(u.items)
	u.items = append(u.items, item)
}
