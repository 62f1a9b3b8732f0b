"""Work under the procedure in force: dossiers, their steps and clocks, and who was on time."""
