# Cases of verification, one line of JSON each, in: true, false or error each, out. Argument: the folder of verify.rb.
require "json"
require File.join(ARGV.fetch(0), "verify.rb")

$stdin.each_line do |line|
  body, headers, keys, now = JSON.parse(line).values_at("body", "headers", "keys", "now")
  puts Webhooks.verify(body, headers, keys, now: now) == JSON.parse(body) ? "true" : "another event"
rescue Webhooks::VerificationError
  puts "false"
rescue ArgumentError
  puts "error"
end
