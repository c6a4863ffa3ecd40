"""What happens to clinics: the rota, their days and people, their packs, their notes, what came of them."""
