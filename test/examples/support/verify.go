// Cases of verification, one line of JSON each, in: true, false or error each, out.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"example/webhooks"
)

type test struct {
	Body    string
	Headers map[string]string
	Keys    []string
	Now     int64
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c test
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			panic(err)
		}
		header := func(name string) string {
			for key, value := range c.Headers {
				if strings.EqualFold(key, name) {
					return value
				}
			}
			return ""
		}
		err := webhooks.Verify([]byte(c.Body), header, c.Keys, time.Unix(c.Now, 0))
		if err != nil && !errors.Is(err, webhooks.ErrVerification) {
			fmt.Println("error")
		} else {
			fmt.Println(err == nil)
		}
	}
}
