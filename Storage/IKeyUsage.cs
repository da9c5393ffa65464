namespace Tikr.Storage;

/// <summary>Lets the process tell a key store which keys it holds, so that idle keys can be dropped safely.</summary>
public interface IKeyUsage
{
    /// <summary>
    /// Whether the process holds a resolved key (series number, key number). A key is only ever dropped when this has said no for longer
    /// than its data lives, and
    /// <see cref="IKeyStore.ResolveAsync"/> has not been asked for it since. While it is null no key is dropped.
    /// </summary>
    Func<ushort, uint, bool>? InUse { get; set; }
}
