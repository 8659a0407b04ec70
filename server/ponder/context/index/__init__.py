"""Which files a workspace has and what is in the ones that matter. Nothing here decides what is sent."""
