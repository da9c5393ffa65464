using Microsoft.Extensions.Logging;

namespace Tikr.Storage.Timescale.Schema.Views;

/// <summary>What the set-up of the views logs, beside <see cref="Timescale.Log"/>. Event ids are stable.</summary>
internal static partial class ViewLog
{
    [LoggerMessage(2130, LogLevel.Information, "Views of series '{Series}' are up to date: {Views}")]
    public static partial void Created(ILogger logger, string series, string views);

    [LoggerMessage(2131, LogLevel.Warning,
        "Series '{Series}' has {Name} in SQL: '{Wanted}' is taken in schema '{Schema}' or "
            + "longer than 63 bytes. Rename the series or what has the name to change that")]
    public static partial void OtherName(ILogger logger, string series, string name, string wanted, string schema);

    [LoggerMessage(2132, LogLevel.Error,
        "Views of series '{Series}' stay as they were, since the database refused to change "
            + "them: {Reason} Ingest and bars are not affected. {Remedy}, then restart")]
    public static partial void NotChanged(ILogger logger, string series, string reason, string remedy);

    [LoggerMessage(2133, LogLevel.Information,
        "Role {Role} does not exist and this user may not create it. To let people read the views, run as a user who may: {Sql}")]
    public static partial void NoReader(ILogger logger, string role, string sql);

    [LoggerMessage(2134, LogLevel.Warning,
        "Role {Role} could not be given its rights on schema '{Schema}': {Reason} Run as the owner of the schema: {Sql}")]
    public static partial void NotGranted(ILogger logger, string role, string schema, string reason, string sql);
}
