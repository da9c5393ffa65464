namespace Tikr.Tests.Support.Databases;

/// <summary>This machine has no way to run the server; the message has the reasons.</summary>
internal sealed class ServerMissingException(string reasons) : Exception(reasons);
