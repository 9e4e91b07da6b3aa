namespace Portcullis.Gateway.Connections;

/// <summary>A listener can't be started. The message is for the person who runs the gateway.</summary>
public sealed class ListenerException(string message) : Exception(message);
