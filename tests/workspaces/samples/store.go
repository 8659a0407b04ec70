package store

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

// Item is one article on the shelf.
type Item struct {
	Name  string `json:"name"`
	Count int    `json:"count"`
}

// Load reads the items of a file.
func Load(path string) ([]Item, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	var items []Item
	_ = json.Unmarshal(data, &items)
	return items, nil
}

func Parse(fields []string) Item {
	count, _ := strconv.Atoi(fields[1])
	return Item{Name: fields[0], Count: count}
}

func Merge(paths []string) ([]byte, error) {
	var all []byte
	for _, path := range paths {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		buffer := make([]byte, 512)
		n, _ := file.Read(buffer)
		all = append(all, buffer[:n]...)
	}
	return all, nil
}

func Find(name string) string {
	return fmt.Sprintf("SELECT * FROM items WHERE name = '%s'", name)
}
