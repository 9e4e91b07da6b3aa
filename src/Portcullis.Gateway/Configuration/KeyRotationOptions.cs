using System.ComponentModel;

namespace Portcullis.Gateway.Configuration;

/// <summary>Periods of use (NIST SP 800-57 part 1, section 5.3.6). A successor is made an hour before the end of one.</summary>
public sealed record KeyRotationOptions
{
    [Description("Keys that sign access tokens. Default: 90d")]
    [Between("1d", "3650d")]
    public TimeSpan TokenSigning { get; init; } = TimeSpan.FromDays(90);

    [Description("Keys that seal stored data. Default: 90d")]
    [Between("1d", "3650d")]
    public TimeSpan Data { get; init; } = TimeSpan.FromDays(90);

    [Description("Keys that seal cookies. Default: 30d")]
    [Between("1d", "3650d")]
    public TimeSpan Cookie { get; init; } = TimeSpan.FromDays(30);

    [Description("Keys that seal cache entries. Default: 30d")]
    [Between("1d", "3650d")]
    public TimeSpan Cache { get; init; } = TimeSpan.FromDays(30);

    [Description("Keys that sign the audit log. Default: 365d")]
    [Between("1d", "3650d")]
    public TimeSpan Audit { get; init; } = TimeSpan.FromDays(365);

    [Description("Keys that seal backups. Default: 90d")]
    [Between("1d", "3650d")]
    public TimeSpan Backup { get; init; } = TimeSpan.FromDays(90);
}
