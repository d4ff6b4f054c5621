require "json"
require "openssl"

module Webhooks
  # The message is not from the holder of the key, or not of now: answer 400.
  class VerificationError < StandardError; end

  # Returns the event, if one of the keys signed it within the last five minutes.
  #
  # body     the bytes as they came, before anything parsed them
  # headers  a hash of their names, in any case
  # keys     whsec_ secrets and whpk_ public keys: one, or during a rotation the old and the new
  def self.verify(body, headers, keys, now: Time.now.to_i)
    values = headers.to_h { |name, value| [name.downcase, value] }
    id, timestamp, signatures = values.values_at("webhook-id", "webhook-timestamp", "webhook-signature")
    raise VerificationError, "a header is missing" unless id && timestamp && signatures
    age = (now - Integer(timestamp, 10, exception: false).to_i).abs
    raise VerificationError, "the time of the message is not about now" if age > 5 * 60

    signed = "#{id}.#{timestamp}.".b + body.b
    matching = signatures.split(" ").any? do |signature|
      keys.any? { |key| signed_by?(key, signed, signature) }
    end
    raise VerificationError, "no signature is of a known key" unless matching
    JSON.parse(body)
  end

  def self.signed_by?(key, signed, signature)
    prefix, encoded = key.split("_", 2)
    bytes = encoded.to_s.unpack1("m0")
    raise ArgumentError, "a key is whsec_ or whpk_ and at least 24 bytes in base64" if bytes.length < 24
    if prefix == "whsec"
      expected = "v1," + [OpenSSL::HMAC.digest("SHA256", bytes, signed)].pack("m0")
      OpenSSL.secure_compare(expected, signature)
    elsif signature.start_with?("v1a,")
      # the 32 bytes of an ed25519 key within the structure that OpenSSL reads (RFC 8410)
      public_key = OpenSSL::PKey.read(["302a300506032b6570032100"].pack("H*") + bytes)
      public_key.verify(nil, signature.delete_prefix("v1a,").unpack1("m"), signed)
    end
  end
  private_class_method :signed_by?
end
