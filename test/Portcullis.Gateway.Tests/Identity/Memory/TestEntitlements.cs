using System.Collections.Concurrent;
using Portcullis.Gateway.Configuration;
using Portcullis.Gateway.Identity.Roles;

namespace Portcullis.Gateway.Tests.Identity.Memory;

/// <summary>What subjects may do, as a test says.</summary>
internal sealed class TestEntitlements : IEntitlements
{
    private readonly ConcurrentDictionary<string, PermissionSet> sets = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource loaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long version;
    private int asked;

    public TestEntitlements(bool isLoaded = true)
    {
        if (isLoaded) loaded.SetResult();
    }

    public long Version => Volatile.Read(ref version);

    public Task Loaded => loaded.Task;

    /// <summary>How often anybody's permissions were looked up.</summary>
    public int Asked => Volatile.Read(ref asked);

    public PermissionSet Of(string subject)
    {
        Interlocked.Increment(ref asked);
        return sets.GetValueOrDefault(subject, PermissionSet.None);
    }

    public void Set(string subject, params string[] permissions) => SetRoles(subject, [], permissions);

    /// <summary>With roles that themselves grant what nobody asks for.</summary>
    public void SetRoles(string subject, string[] roles, params string[] permissions)
    {
        var defined = roles.ToDictionary(name => name, name => new RoleOptions { Permissions = ["role:" + name] }, StringComparer.Ordinal);
        sets[subject] = RoleSet.Compile(defined, [], static _ => { }).Effective(roles, permissions);
        Interlocked.Increment(ref version);
    }

    /// <summary>A person who has these permissions always, and others by a role with <c>mfa: required</c>.</summary>
    public void SetPerson(string subject, string[] always, params string[] bySeveralFactors)
    {
        var role = new RoleOptions { Permissions = bySeveralFactors, Mfa = RoleFactor.Required };
        sets[subject] = RoleSet.Compile(new Dictionary<string, RoleOptions>(StringComparer.Ordinal) { ["strong"] = role }, [], static _ => { }).Effective(["strong"], always);
        Interlocked.Increment(ref version);
    }

    public void Load() => loaded.SetResult();
}
