"""Where usage comes from: a provider's answer or an agent's log line becomes domain records."""
