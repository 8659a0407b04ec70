"""The only room that knows the Anthropic SDK: requests out, a stream of plain events back."""
