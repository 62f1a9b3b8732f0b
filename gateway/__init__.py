"""The one door: GraphQL over HTTP and WebSocket, and the page that shows a person around."""
