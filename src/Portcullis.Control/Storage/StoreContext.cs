using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Portcullis.Control.Storage.Entities;
using Portcullis.Control.Storage.Mapping;
using Portcullis.Gateway.Identity;
using Portcullis.Gateway.Identity.Clients;

namespace Portcullis.Control.Storage;

/// <summary>
/// The tables, the same on both databases. Text and octets have a greatest length that the database checks; times are UTC ticks; what is
/// secret or personal has the type <see cref="Sealed"/>.
/// </summary>
public abstract class StoreContext : DbContext
{
    private protected StoreContext(DbContextOptions options)
        : base(options)
    {
    }

    public DbSet<Client> Clients => Set<Client>();

    public DbSet<Person> People => Set<Person>();

    public DbSet<Passkey> Passkeys => Set<Passkey>();

    public DbSet<TotpSecret> TotpSecrets => Set<TotpSecret>();

    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();

    public DbSet<Session> Sessions => Set<Session>();

    public DbSet<AuthorizationCode> AuthorizationCodes => Set<AuthorizationCode>();

    public DbSet<Grant> Grants => Set<Grant>();

    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();

    public DbSet<Revocation> Revocations => Set<Revocation>();

    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();

    public DbSet<RoleGrant> RoleGrants => Set<RoleGrant>();

    public DbSet<PermissionUse> PermissionUses => Set<PermissionUse>();

    public DbSet<AccessReview> AccessReviews => Set<AccessReview>();

    public DbSet<SubjectKey> SubjectKeys => Set<SubjectKey>();

    public DbSet<StoredSecret> StoredSecrets => Set<StoredSecret>();

    public DbSet<ClientAssertion> ClientAssertions => Set<ClientAssertion>();

    public DbSet<Change> Changes => Set<Change>();

    /// <summary>
    /// Tells every node, within a second of the commit, that something changed. It is written with the change itself: neither is there without
    /// the other.
    /// </summary>
    /// <param name="topic">One of <see cref="ChangeTopic"/>.</param>
    /// <param name="key">What of the topic changed, at most <see cref="Change.LongestKey"/> characters; null: everything may have.</param>
    public void Announce(string topic, string? key) => Changes.Add(new Change { Topic = topic, Key = key });

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicksConverter>();
        configurationBuilder.Properties<Sealed>().HaveConversion<SealedConverter>();
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        // What belongs to a person or grant goes with it. Clients are disabled, not removed, and subject keys outlive their person.
        Owns<Person, Passkey>(modelBuilder, nameof(Passkey.PersonId));
        Owns<Person, TotpSecret>(modelBuilder, nameof(TotpSecret.PersonId));
        Owns<Person, RecoveryCode>(modelBuilder, nameof(RecoveryCode.PersonId));
        Owns<Person, Session>(modelBuilder, nameof(Session.PersonId));
        Owns<Person, Grant>(modelBuilder, nameof(Grant.PersonId));
        Owns<Grant, AuthorizationCode>(modelBuilder, nameof(AuthorizationCode.GrantId));
        Owns<Grant, RefreshToken>(modelBuilder, nameof(RefreshToken.GrantId));

        // Small: the few rows that upkeep looks for.
        modelBuilder.Entity<RefreshToken>().HasIndex(token => token.Spent).HasFilter("successor IS NOT NULL");
        modelBuilder.Entity<Grant>().HasIndex(grant => grant.Created).HasFilter("tokens = 0");

        // Clients of a version that knew no others get tokens for themselves, by their secret.
        modelBuilder.Entity<Client>(client =>
        {
            client.Property(row => row.Grants).HasDefaultValue(GrantNames.ClientCredentials);
            client.Property(row => row.RedirectUris).HasDefaultValue(string.Empty);
            client.Property(row => row.ExchangeAudiences).HasDefaultValue(string.Empty);
            client.Property(row => row.Authentication).HasDefaultValue(ClientAuthenticationMethod.Secret);
        });
        foreach (var entity in modelBuilder.Model.GetEntityTypes()) Shape(entity);
    }

    private static void Owns<TOwner, TOwned>(ModelBuilder modelBuilder, string key)
        where TOwner : class
        where TOwned : class
        => modelBuilder.Entity<TOwned>().HasOne<TOwner>().WithMany().HasForeignKey(key).OnDelete(DeleteBehavior.Cascade);

    // SQLite checks no lengths of its own, PostgreSQL none of octets.
    private static void Shape(IMutableEntityType entity)
    {
        var table = entity.GetTableName()!;
        foreach (var property in entity.GetProperties())
        {
            var column = SnakeCase.Of(property.Name);
            property.SetColumnName(column);
            if (property.GetMaxLength() is { } length) entity.AddCheckConstraint($"CK_{table}_{column}_length", $"length(\"{column}\") <= {length}");
        }
    }
}
