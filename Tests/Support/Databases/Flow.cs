namespace Tikr.Tests.Support.Databases;

/// <summary>Which way data flow.</summary>
[Flags]
public enum Flow
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>From the client to the server: requests.</summary>
    ToServer = 1,

    /// <summary>From the server to the client: answers.</summary>
    ToClient = 2,

    /// <summary>Both ways.</summary>
    Both = ToServer | ToClient,
}
