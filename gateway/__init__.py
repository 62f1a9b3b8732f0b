"""The only way in: GraphQL over HTTP and WebSocket, and the page that shows a person around."""
