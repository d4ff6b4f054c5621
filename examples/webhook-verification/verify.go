package webhooks

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrVerification says that the message is not from the holder of the key, or not of now: answer 400.
var ErrVerification = errors.New("the webhook could not be verified")

// Verify returns nil if one of the keys signed the message within five minutes of now.
//
// The body is as it came, before anything parsed it; header gives the value of a name, such as r.Header.Get.
// The keys are whsec_ secrets and whpk_ public keys: one, or during a rotation the old and the new.
func Verify(body []byte, header func(string) string, keys []string, now time.Time) error {
	id, timestamp := header("webhook-id"), header("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || id == "" {
		return fmt.Errorf("%w: a header is missing or is not as it should be", ErrVerification)
	}
	if age := now.Unix() - seconds; age > 5*60 || age < -5*60 {
		return fmt.Errorf("%w: its time is not about now", ErrVerification)
	}

	signed := append([]byte(id+"."+timestamp+"."), body...)
	for _, text := range keys {
		prefix, encoded, _ := strings.Cut(text, "_")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || len(key) < 24 {
			return errors.New("a key is whsec_ or whpk_ and at least 24 bytes in base64")
		}
		for _, signature := range strings.Fields(header("webhook-signature")) {
			version, encoded, _ := strings.Cut(signature, ",")
			given, err := base64.StdEncoding.DecodeString(encoded)
			if err != nil {
				continue
			}
			switch {
			case prefix == "whsec" && version == "v1":
				mac := hmac.New(sha256.New, key)
				mac.Write(signed)
				// in constant time
				if hmac.Equal(mac.Sum(nil), given) {
					return nil
				}
			case prefix == "whpk" && version == "v1a" && len(key) == ed25519.PublicKeySize:
				if ed25519.Verify(key, signed, given) {
					return nil
				}
			}
		}
	}
	return fmt.Errorf("%w: no signature is of a known key", ErrVerification)
}
